/** The texts of react-admin, as it asks for them: by a path, with values, and in the singular or the plural. */
import type { I18nProvider, TranslationMessages } from 'react-admin'
import { fill, type Values } from '.'
import { language } from './choice'

/** Between the singular and the plural of a text. */
const FORMS = ' |||| '

type Options = Values & { smart_count?: number; _?: unknown }

const at = (messages: unknown, path: string) =>
	path.split('.').reduce<unknown>((place, name) => (place as Record<string, unknown> | undefined)?.[name], messages)

function formOf(text: string, count?: number) {
	const forms = text.split(FORMS)
	return count === undefined || count === 1 ? forms[0] : forms.at(-1)
}

export function i18nOf(messages: TranslationMessages): I18nProvider {
	const translate = (key: string, options: Options = {}) => {
		const found = at(messages, key)
		const text = typeof found === 'string' ? found : options._ ?? key
		// A text may be given as what it is shown as already.
		return typeof text === 'string' ? fill(formOf(text, options.smart_count) ?? '', options) : (text as string)
	}
	return { translate, changeLocale: async () => undefined, getLocale: () => language }
}
