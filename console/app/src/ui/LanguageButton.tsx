import Translate from '@mui/icons-material/TranslateOutlined'
import MenuItem from '@mui/material/MenuItem'
import { useText } from '../messages'
import { choose, LANGUAGES, language } from '../messages/choice'
import { MenuButton } from './MenuButton'

/** Each language is named in itself, so that whoever cannot read the page finds theirs. */
export const languageItems = () =>
	Object.entries(LANGUAGES).map(([tag, { name }]) => (
		<MenuItem key={tag} lang={tag} selected={tag === language} onClick={() => choose(tag)}>
			{name}
		</MenuItem>
	))

/** On pages that have no account menu, in which the languages stand, too. */
export function LanguageButton() {
	const text = useText()
	return (
		<MenuButton name={text('language.menu')} icon={<Translate fontSize="small" />}>
			{languageItems}
		</MenuButton>
	)
}
