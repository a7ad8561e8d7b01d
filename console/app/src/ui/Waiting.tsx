import Button from '@mui/material/Button'
import CircularProgress from '@mui/material/CircularProgress'
import Stack from '@mui/material/Stack'
import { useEffect, useState } from 'react'
import { useText } from '../messages'
import { Page } from './Page'
import { refusalOf } from './useSubmit'

/** Nothing is shown while an answer comes at once: a spinner that flashes by only disturbs. */
export function Loading() {
	const [late, setLate] = useState(false)
	useEffect(() => {
		const timer = setTimeout(() => setLate(true), 300)
		return () => clearTimeout(timer)
	}, [])
	return (
		<Stack sx={{ minHeight: '60vh', alignItems: 'center', justifyContent: 'center' }}>
			{late && <CircularProgress size={28} />}
		</Stack>
	)
}

export function Failed({ error, again }: { error: unknown; again: () => void }) {
	const text = useText()
	return (
		<Page title={text('failed.title')} intro={refusalOf(error, text).message}>
			<Button variant="contained" onClick={again}>
				{text('act.try_again')}
			</Button>
		</Page>
	)
}
