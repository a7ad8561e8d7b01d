/**
 * The keys of the pages behind the sign-in, and the sheet that lists them. Single keys do nothing while somebody types or a dialog
 * is open, and can be turned off (WCAG 2.2, 2.1.4), because who speaks to their computer would press them by chance.
 */
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import FormControlLabel from '@mui/material/FormControlLabel'
import Switch from '@mui/material/Switch'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useText } from '../messages'
import { remember, remembered } from './remembered'
import { OPEN } from './showShortcuts'

/** How long one may take between `g` and the letter of a page. */
const CHORD_MS = 1500

const links = () => [...document.querySelectorAll<HTMLAnchorElement>('nav a[data-go]')]
const inMain = <T extends HTMLElement>(selector: string) => document.querySelector<T>(`main ${selector}`)

const isTyping = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
const isBusy = (target: EventTarget | null) => isTyping(target) || document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]') !== null

function save(event: KeyboardEvent) {
	const form = event.target instanceof HTMLElement ? event.target.closest('form') : null
	if (!form) return
	event.preventDefault()
	form.requestSubmit()
}

/** The keys of the page that is shown. True when the key is one of them. */
function press(key: string): boolean {
	const control = key === '/' ? inMain('input:not([type="checkbox"]):not([type="hidden"])') : key === 'c' ? inMain('a[href$="/create"]') : null
	if (!control) return false
	if (key === '/') control.focus()
	else control.click()
	return true
}

export function Shortcuts() {
	const text = useText()
	const [open, setOpen] = useState(false)
	const [isOff, setIsOff] = useState(remembered('keys') === 'off')
	const goUntil = useRef(0)

	const onKey = useCallback(
		(event: KeyboardEvent) => {
			if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) return save(event)
			if (isOff || event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return
			const wasGo = performance.now() < goUntil.current
			goUntil.current = !wasGo && event.key === 'g' ? performance.now() + CHORD_MS : 0
			const page = wasGo ? links().find((link) => link.dataset.go === event.key) : undefined
			if (page) page.click()
			else if (event.key === '?') setOpen(true)
			else if (wasGo || !press(event.key)) return
			event.preventDefault()
		},
		[isOff],
	)
	useEffect(() => {
		window.addEventListener('keydown', onKey)
		window.addEventListener(OPEN, show)
		return () => {
			window.removeEventListener('keydown', onKey)
			window.removeEventListener(OPEN, show)
		}
		function show() {
			setOpen(true)
		}
	}, [onKey])

	const turn = (on: boolean) => {
		remember('keys', on ? 'on' : 'off')
		setIsOff(!on)
	}
	const keys: [string, string][] = [
		['?', text('keyboard.title')],
		['/', text('keyboard.search')],
		['c', text('keyboard.create')],
		...links().map((link): [string, string] => [`g ${link.dataset.go}`, text('keyboard.go', { page: link.textContent ?? '' })]),
	]
	return (
		<Dialog open={open} onClose={() => setOpen(false)} fullWidth maxWidth="xs" aria-labelledby="keyboard-title">
			<DialogTitle id="keyboard-title">{text('keyboard.title')}</DialogTitle>
			<DialogContent>
				<Box component="dl" sx={{ display: 'grid', gridTemplateColumns: 'auto 1fr', columnGap: 3, rowGap: 0.75, m: 0 }}>
					<Keys keys="Ctrl Enter" does={text('keyboard.save')} />
					{!isOff && keys.map(([key, does]) => <Keys key={key} keys={key} does={does} />)}
				</Box>
				<FormControlLabel sx={{ mt: 2 }} control={<Switch checked={!isOff} onChange={(_, on) => turn(on)} />} label={text('keyboard.on')} />
			</DialogContent>
			<DialogActions>
				<Button onClick={() => setOpen(false)}>{text('picker.close')}</Button>
			</DialogActions>
		</Dialog>
	)
}

function Keys({ keys, does }: { keys: string; does: string }) {
	return (
		<>
			<Box component="dt" sx={{ display: 'flex', gap: 0.5 }}>
				{keys.split(' ').map((key) => (
					<Box component="kbd" key={key} sx={{ px: 0.75, border: 1, borderColor: 'divider', borderRadius: 0.5, fontSize: '0.8125rem' }}>
						{key}
					</Box>
				))}
			</Box>
			<Box component="dd" sx={{ m: 0 }}>
				{does}
			</Box>
		</>
	)
}
