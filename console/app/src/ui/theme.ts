/** The look: small type, thin lines instead of shadows, one accent. */
import { createTheme, type Theme } from '@mui/material/styles'

export type Mode = 'light' | 'dark'

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'

const light = {
	primary: { main: '#0f766e', contrastText: '#ffffff' },
	secondary: { main: '#3f4a54', contrastText: '#ffffff' },
	error: { main: '#b42318' },
	warning: { main: '#a15c07' },
	success: { main: '#13724a' },
	info: { main: '#175cd3' },
	background: { default: '#f8f9fa', paper: '#ffffff' },
	text: { primary: '#1b2126', secondary: '#59646e' },
	divider: '#e3e6e9',
}
const dark = {
	primary: { main: '#3fc7b4', contrastText: '#06201c' },
	secondary: { main: '#b6c0c9', contrastText: '#111416' },
	error: { main: '#ff8a80' },
	warning: { main: '#f5b557' },
	success: { main: '#5fd39c' },
	info: { main: '#84b6ff' },
	background: { default: '#121517', paper: '#191d20' },
	text: { primary: '#e9edf0', secondary: '#a3aeb8' },
	divider: '#2c3237',
}

/** The colours of an env cannot be mistaken for each other, nor missed; white text stands on them in both modes. */
export const envColours: Record<string, string> = { dev: '#1d5fbf', staging: '#9a5b00', prod: '#b3261e' }

/** The screens on which a row of a list is a card; those below the breakpoint `sm` of MUI. */
export const PHONE = '(max-width:599.95px)'

const BARE = { backgroundColor: 'transparent !important' }

/** `loading` is what a screen reader says of anything that turns while one waits. */
export function themeOf(mode: Mode, loading: string): Theme {
	const palette = mode === 'light' ? light : dark
	const line = `1px solid ${palette.divider}`
	return createTheme({
		palette: { mode, ...palette },
		shape: { borderRadius: 6 },
		typography: {
			fontFamily: FONT,
			fontSize: 13,
			h1: { fontSize: '1.375rem', fontWeight: 600, lineHeight: 1.3 },
			h2: { fontSize: '1.0625rem', fontWeight: 600, lineHeight: 1.35 },
			body1: { fontSize: '0.875rem' },
			body2: { fontSize: '0.8125rem' },
			h6: { fontSize: '1.0625rem', fontWeight: 600 },
			button: { textTransform: 'none', fontWeight: 550 },
		},
		// react-admin reads the widths of its sidebar here.
		...{ sidebar: { width: 216, closedWidth: 52 } },
		components: {
			MuiCssBaseline: {
				styleOverrides: {
					':focus-visible': { outline: `2px solid ${palette.primary.main}`, outlineOffset: 1 },
					'@media (prefers-reduced-motion: reduce)': { '*': { animationDuration: '0s !important', transitionDuration: '0s !important' } },
				},
			},
			MuiButton: { defaultProps: { disableElevation: true, size: 'small' }, styleOverrides: { root: { minHeight: 32, paddingInline: 12 } } },
			MuiTextField: { defaultProps: { size: 'small', variant: 'outlined', fullWidth: true } },
			MuiFormControl: { defaultProps: { size: 'small', variant: 'outlined' } },
			MuiAutocomplete: { defaultProps: { size: 'small' } },
			MuiCircularProgress: { defaultProps: { 'aria-label': loading } },
			MuiLinearProgress: { defaultProps: { 'aria-label': loading } },
			MuiPaper: { defaultProps: { elevation: 0 }, styleOverrides: { root: { backgroundImage: 'none' } } },
			MuiCard: { defaultProps: { variant: 'outlined' } },
			MuiMenu: { styleOverrides: { paper: { border: line, boxShadow: '0 6px 24px rgb(0 0 0 / 0.14)' } } },
			MuiDialog: { styleOverrides: { paper: { border: line } } },
			MuiDialogTitle: { styleOverrides: { root: { fontSize: '1.0625rem', fontWeight: 600 } } },
			MuiAppBar: { styleOverrides: { root: { borderBottom: line, backgroundColor: palette.background.paper, color: palette.text.primary } } },
			MuiTableCell: { styleOverrides: { root: { borderColor: palette.divider, paddingBlock: 7 }, head: { fontWeight: 600, color: palette.text.secondary } } },
			MuiTableSortLabel: { styleOverrides: { root: { minHeight: 24 } } },
			MuiChip: { defaultProps: { size: 'small' }, styleOverrides: { root: { borderRadius: 5, fontWeight: 500 } } },
			MuiTooltip: { defaultProps: { enterDelay: 400 } },
			MuiLink: { defaultProps: { underline: 'always' } },
			// On a phone react-admin gives the bars above a list the colour of a card, though they stand on the page.
			RaTopToolbar: { styleOverrides: { root: BARE } },
			RaListToolbar: { styleOverrides: { root: { ...BARE, '& .MuiToolbar-root': BARE } } },
		},
	})
}
