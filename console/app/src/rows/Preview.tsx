/** What saving would store. The server does, checks and answers all of it, with its defaults and triggers, and takes it back. */
import Visibility from '@mui/icons-material/VisibilityOutlined'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import Typography from '@mui/material/Typography'
import { TenantdError } from 'ra-data-tenantd'
import { useEffect, useState } from 'react'
import { type RaRecord, setSubmissionErrors, useDataProvider, useRecordContext, useResourceContext } from 'react-admin'
import { useFormContext } from 'react-hook-form'
import { useText } from '../messages'
import { useThis } from './Catalog'
import { type Column, isBookkeeping, shownColumns } from './catalog'
import { isSame, SideBySide } from './SideBySide'

interface Props {
	/** What would be sent, of what stands in the form. */
	sent: (values: Record<string, unknown>) => Record<string, unknown>
	refused: (error: unknown, variables: { data: unknown; previousData?: unknown }) => void
}

interface Outcome {
	sent: Record<string, unknown>
	stored: RaRecord
}

export function Preview({ sent, refused }: Props) {
	const text = useText()
	const form = useFormContext()
	const resource = useResourceContext() ?? ''
	const before = useRecordContext()
	const provider = useDataProvider()
	const [outcome, setOutcome] = useState<Outcome>()
	const [busy, setBusy] = useState(false)
	// A form that was never sent keeps what was refused at a field until it is sent.
	useEffect(() => {
		const watching = form.watch((_, { name }) => {
			if (name && form.getFieldState(name).error?.type === 'server') form.clearErrors(name)
		})
		return () => watching.unsubscribe()
	}, [form])
	const look = async () => {
		// Not handleSubmit: the form would take itself as saved, and let people leave without a warning.
		if (!(await form.trigger())) return
		const data = sent(form.getValues())
		const meta = { dryRun: true }
		setBusy(true)
		try {
			const answer = before
				? await provider.update(resource, { id: before.id, data, previousData: before, meta })
				: await provider.create(resource, { data, meta })
			setOutcome({ sent: data, stored: answer.data as RaRecord })
		} catch (error) {
			if (error instanceof TenantdError && error.body.errors) setSubmissionErrors(error.body.errors, form.setError)
			refused(error, { data, previousData: before })
		} finally {
			setBusy(false)
		}
	}
	return (
		<>
			<Button startIcon={<Visibility />} loading={busy} loadingPosition="start" onClick={() => void look()} sx={{ mx: 1 }}>
				{text('preview.button')}
			</Button>
			{outcome && <PreviewDialog outcome={outcome} before={before} close={() => setOutcome(undefined)} />}
		</>
	)
}

function PreviewDialog({ outcome: { sent, stored }, before, close }: { outcome: Outcome; before?: RaRecord; close: () => void }) {
	const text = useText()
	const r = useThis()
	const columns = shownColumns(r).filter((c) => !isBookkeeping(c) && !isSame(stored[c.name], before?.[c.name]))
	// What stands in the row and was not written in the form comes from a default or a trigger.
	const note = (c: Column) =>
		isSame(stored[c.name], sent[c.name]) ? null : (
			<Typography component="div" variant="body2" color="textSecondary">
				{text('preview.by_database')}
			</Typography>
		)
	return (
		<Dialog open maxWidth="md" fullWidth aria-labelledby="preview-title" onClose={close}>
			<DialogTitle id="preview-title">{text('preview.title')}</DialogTitle>
			<DialogContent>
				<p>{text(columns.length ? 'preview.intro' : 'preview.nothing')}</p>
				{columns.length > 0 && (
					<SideBySide
						columns={columns}
						left={before && { name: text('preview.before'), record: before }}
						right={{ name: text('preview.after'), record: stored, note }}
					/>
				)}
			</DialogContent>
			<DialogActions>
				<Button variant="contained" onClick={close}>
					{text('conflict.back')}
				</Button>
			</DialogActions>
		</Dialog>
	)
}
