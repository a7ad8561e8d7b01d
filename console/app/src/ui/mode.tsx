/** Light or dark: as the system has it, until somebody chooses. */
import CssBaseline from '@mui/material/CssBaseline'
import { ThemeProvider } from '@mui/material/styles'
import useMediaQuery from '@mui/material/useMediaQuery'
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import { useText } from '../messages'
import { remembered, remember } from './remembered'
import { type Mode, themeOf } from './theme'

const ModeContext = createContext<{ mode: Mode; toggle: () => void }>({ mode: 'light', toggle: () => undefined })
export const useMode = () => useContext(ModeContext)

export function ModeProvider({ children }: { children: ReactNode }) {
	const text = useText()
	const systemIsDark = useMediaQuery('(prefers-color-scheme: dark)', { noSsr: true })
	const [chosen, setChosen] = useState(() => remembered('mode'))
	const mode: Mode = chosen === 'light' || chosen === 'dark' ? chosen : systemIsDark ? 'dark' : 'light'
	const value = useMemo(() => {
		const toggle = () => {
			const next = mode === 'light' ? 'dark' : 'light'
			remember('mode', next)
			setChosen(next)
		}
		return { mode, toggle }
	}, [mode])
	return (
		<ModeContext.Provider value={value}>
			<ThemeProvider theme={useMemo(() => themeOf(mode, text('loading')), [mode, text])}>
				<CssBaseline enableColorScheme />
				{children}
			</ThemeProvider>
		</ModeContext.Provider>
	)
}
