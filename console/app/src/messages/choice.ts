/** Which language is spoken. It is chosen once for a page that is loaded: who changes it has the page loaded again. */
import { remember, remembered } from '../ui/remembered'
import { english, type Language } from '.'

interface Choice {
	name: string
	load: () => Promise<Language>
}

export const LANGUAGES: Record<string, Choice> = {
	en: { name: 'English', load: async () => english },
	de: { name: 'Deutsch', load: async () => (await import('./german')).german },
}

const primary = (tag: string) => tag.split('-')[0] ?? tag

/** The choice of this browser, else the first language of its user that there is. */
export const language = [remembered('language') ?? '', ...navigator.languages.map(primary), 'en'].find((tag) => tag in LANGUAGES) ?? 'en'

/** With the country of the user, where they name one, for dates and numbers. */
export const locale = navigator.languages.find((tag) => primary(tag) === language) ?? language

export function choose(tag: string) {
	remember('language', tag)
	location.reload()
}
