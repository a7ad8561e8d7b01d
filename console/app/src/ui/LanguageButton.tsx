import Translate from '@mui/icons-material/TranslateOutlined'
import IconButton from '@mui/material/IconButton'
import Menu from '@mui/material/Menu'
import MenuItem from '@mui/material/MenuItem'
import Tooltip from '@mui/material/Tooltip'
import { useState } from 'react'
import { useText } from '../messages'
import { choose, LANGUAGES, language } from '../messages/choice'

/** Each language is named in itself, so that whoever cannot read the page finds theirs. */
export const languageItems = () =>
	Object.entries(LANGUAGES).map(([tag, { name }]) => (
		<MenuItem key={tag} lang={tag} selected={tag === language} onClick={() => choose(tag)}>
			{name}
		</MenuItem>
	))

/** On pages that have no account menu. */
export function LanguageButton() {
	const text = useText()
	const [anchor, setAnchor] = useState<HTMLElement | null>(null)
	const name = text('language.menu')
	return (
		<>
			<Tooltip title={name}>
				<IconButton
					size="small"
					color="inherit"
					aria-label={name}
					aria-haspopup="menu"
					aria-expanded={anchor !== null}
					onClick={(event) => setAnchor(event.currentTarget)}
				>
					<Translate fontSize="small" />
				</IconButton>
			</Tooltip>
			<Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
				{languageItems()}
			</Menu>
		</>
	)
}
