import DarkMode from '@mui/icons-material/DarkModeOutlined'
import LightMode from '@mui/icons-material/LightModeOutlined'
import IconButton from '@mui/material/IconButton'
import Tooltip from '@mui/material/Tooltip'
import { useText } from '../messages'
import { useMode } from './mode'

export function ModeButton() {
	const text = useText()
	const { mode, toggle } = useMode()
	const name = text(mode === 'light' ? 'mode.dark' : 'mode.light')
	return (
		<Tooltip title={name}>
			<IconButton aria-label={name} onClick={toggle} size="small" color="inherit">
				{mode === 'light' ? <DarkMode fontSize="small" /> : <LightMode fontSize="small" />}
			</IconButton>
		</Tooltip>
	)
}
