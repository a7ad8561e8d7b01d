/** A button of the bar that opens a menu. */
import IconButton from '@mui/material/IconButton'
import Menu from '@mui/material/Menu'
import Tooltip from '@mui/material/Tooltip'
import { type ReactElement, type ReactNode, useState } from 'react'

interface Props {
	name: string
	/** What stands beside the pointer; its name when left out. */
	hint?: string
	icon: ReactElement
	/** The items, which close the menu when they are chosen. */
	children: (close: () => void) => ReactNode
}

export function MenuButton({ name, hint = name, icon, children }: Props) {
	const [anchor, setAnchor] = useState<HTMLElement | null>(null)
	const close = () => setAnchor(null)
	return (
		<>
			<Tooltip title={hint}>
				<IconButton
					size="small"
					color="inherit"
					aria-label={name}
					aria-haspopup="menu"
					aria-expanded={anchor !== null}
					onClick={(event) => setAnchor(event.currentTarget)}
				>
					{icon}
				</IconButton>
			</Tooltip>
			<Menu anchorEl={anchor} open={anchor !== null} onClose={close}>
				{children(close)}
			</Menu>
		</>
	)
}
