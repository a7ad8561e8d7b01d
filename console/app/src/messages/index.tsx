/** Every text of the console, by its key. English is part of the program; other languages are loaded when chosen. */
import type { Problem } from 'ra-data-tenantd'
import { createContext, type ReactNode, useCallback, useContext } from 'react'
import type { TranslationMessages } from 'react-admin'
import { en } from './en'

export type Key = keyof typeof en
export type Messages = Record<Key, string>
export type Values = Record<string, string | number>

export interface Language {
	messages: Messages
	/** The texts of react-admin; without them they are in English. */
	admin?: TranslationMessages
	/** What the server says, which it says in English. */
	explain?: (problem: Problem) => Problem
}

export const english: Language = { messages: en }

const LanguageContext = createContext<Language>(english)

export const LanguageProvider = ({ language, children }: { language: Language; children: ReactNode }) => (
	<LanguageContext.Provider value={language}>{children}</LanguageContext.Provider>
)

export const useLanguage = () => useContext(LanguageContext)
export const useMessages = () => useLanguage().messages

export const fill = (message: string, values?: Values) => (values ? message.replace(/%\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all)) : message)

/** `text('key', {name: …})` puts the values where the message says `%{name}`. */
export function useText() {
	const messages = useMessages()
	return useCallback((key: Key, values?: Values) => fill(messages[key], values), [messages])
}
