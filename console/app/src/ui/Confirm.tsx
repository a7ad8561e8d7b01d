/** Asks before an act that takes something away. Where it cannot be taken back, the name must be written. */
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import Stack from '@mui/material/Stack'
import { type ReactNode, useCallback, useId, useState } from 'react'
import { useText } from '../messages'
import { Field } from './Field'
import { Submit } from './Submit'
import { Refused } from './Told'
import { useSubmit } from './useSubmit'

interface Props {
	title: string
	intro: ReactNode
	/** The name of the button that does it. */
	button: string
	/** To be written before the button works. */
	name?: string
	/** Asks why, and gives it to the act. */
	asksReason?: boolean
	act: (reason: string) => Promise<unknown>
	close: () => void
	children?: ReactNode
	harmless?: boolean
	/** False: what `children` ask for is missing yet. */
	isReady?: boolean
}

export function Confirm({ title, intro, button, name, asksReason, act, close, children, harmless, isReady = true }: Props) {
	const text = useText()
	const id = useId()
	const [written, setWritten] = useState('')
	const [reason, setReason] = useState('')
	const run = useCallback(async () => {
		await act(reason)
		close()
	}, [act, reason, close])
	const { busy, refusal, submit } = useSubmit(run)
	const mayGo = isReady && (!name || written.trim() === name) && (!asksReason || reason.trim() !== '')
	return (
		<Dialog open onClose={close} fullWidth maxWidth="xs" aria-labelledby={id}>
			<form onSubmit={submit} noValidate>
				<DialogTitle id={id}>{title}</DialogTitle>
				<DialogContent>
					<Stack sx={{ gap: 2, pt: 0.5 }}>
						<div>{intro}</div>
						<Refused refusal={refusal} fields={['reason']} />
						{children}
						{asksReason && <Field autoFocus={!children} name="reason" label={text('field.reason')} helperText={text('field.reason_help')} value={reason} onChange={setReason} refusal={refusal} />}
						{name && <Field autoFocus={!asksReason} name="confirmation" label={text('confirm.write', { name })} value={written} onChange={setWritten} autoComplete="off" />}
					</Stack>
				</DialogContent>
				<DialogActions>
					<Button onClick={close}>{text('act.cancel')}</Button>
					<Submit busy={busy} disabled={!mayGo} color={harmless ? 'primary' : 'error'}>
						{button}
					</Submit>
				</DialogActions>
			</form>
		</Dialog>
	)
}
