/** Every text of the console, by its key. English is part of the program; other languages are loaded when chosen. */
import { createContext, type ReactNode, useCallback, useContext } from 'react'
import { en } from './en'

export type Key = keyof typeof en
export type Messages = Record<Key, string>
export type Values = Record<string, string | number>

const LocaleContext = createContext<Messages>(en)

export const MessagesProvider = ({ children }: { children: ReactNode }) => <LocaleContext.Provider value={en}>{children}</LocaleContext.Provider>

export const useMessages = () => useContext(LocaleContext)

export const fill = (message: string, values?: Values) => (values ? message.replace(/%\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all)) : message)

/** `text('key', {name: …})` puts the values where the message says `%{name}`. */
export function useText() {
	const messages = useMessages()
	return useCallback((key: Key, values?: Values) => fill(messages[key], values), [messages])
}
