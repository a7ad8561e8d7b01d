/** Asks before an act on rows, shows on demand what would come of it, and says of which rows it did not. */
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import LinearProgress from '@mui/material/LinearProgress'
import Stack from '@mui/material/Stack'
import Visibility from '@mui/icons-material/VisibilityOutlined'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { type RaRecord, useNotify } from 'react-admin'
import { useText } from '../messages'
import { Told } from '../ui/Told'
import { eachRow, isRefused, type Outcome, type RowAct } from './eachRow'
import { Outcomes } from './Outcomes'

interface Props {
	title: string
	intro: ReactNode
	/** The name of the button that does it. */
	button: string
	records: RaRecord[]
	act: RowAct
	/** What came of it for a row for which it works, where there is more to say than that. */
	shown?: (record: RaRecord, answer: unknown) => ReactNode
	/** False: what `children` ask for is missing yet, and is told at its field. */
	isReady?: () => Promise<boolean>
	/** Called with the rows for which it is done. The caller then reads again what it shows of them. */
	done: (records: RaRecord[]) => void
	close: () => void
	children?: ReactNode
	harmful?: boolean
	/** Begins with the preview. */
	previewFirst?: boolean
}

interface Report {
	isDry: boolean
	outcomes: Outcome[]
}

export function BulkDialog({ title, intro, button, records, act, shown, isReady, done, close, children, harmful, previewFirst }: Props) {
	const text = useText()
	const id = useId()
	const notify = useNotify()
	const [at, setAt] = useState<number>()
	const [report, setReport] = useState<Report>()
	const busy = at !== undefined
	const run = async (isDry: boolean) => {
		if (isReady && !(await isReady())) return
		setReport(undefined)
		setAt(0)
		const outcomes = await eachRow(records, (record) => act(record, { dryRun: isDry }), setAt)
		setAt(undefined)
		const works = outcomes.filter((o) => !isRefused(o)).map((o) => o.record)
		if (!isDry) {
			done(works)
			if (works.length === records.length) {
				notify(text('bulk.done', { done: works.length, count: records.length }), { type: 'success' })
				close()
				return
			}
		}
		setReport({ isDry, outcomes })
	}
	const isFirst = useRef(previewFirst)
	useEffect(() => {
		if (isFirst.current) void run(true)
		isFirst.current = false
	})
	const isOver = report && !report.isDry
	return (
		<Dialog open onClose={busy ? undefined : close} fullWidth maxWidth="sm" aria-labelledby={id}>
			<DialogTitle id={id}>{title}</DialogTitle>
			<DialogContent>
				<Stack sx={{ gap: 2, pt: 0.5 }}>
					{!isOver && intro}
					{!isOver && children}
					{busy && (
						<Stack sx={{ gap: 0.5 }}>
							<LinearProgress variant="determinate" value={(100 * at) / records.length} />
							<span>{text('bulk.progress', { done: at, count: records.length })}</span>
						</Stack>
					)}
					{report && <Summary report={report} />}
					{report && <Outcomes outcomes={report.outcomes} shown={shown} />}
				</Stack>
			</DialogContent>
			<DialogActions>
				<Button disabled={busy} onClick={close}>
					{text(isOver ? 'act.close' : 'act.cancel')}
				</Button>
				{!isOver && (
					<>
						<Button startIcon={<Visibility />} disabled={busy} onClick={() => void run(true)}>
							{text('preview.button')}
						</Button>
						<Button variant="contained" color={harmful ? 'error' : 'primary'} disabled={busy} onClick={() => void run(false)}>
							{button}
						</Button>
					</>
				)}
			</DialogActions>
		</Dialog>
	)
}

function Summary({ report: { isDry, outcomes } }: { report: Report }) {
	const text = useText()
	const works = outcomes.filter((o) => !isRefused(o)).length
	return (
		<Told severity={works < outcomes.length ? 'warning' : 'info'}>
			{text(isDry ? 'bulk.would' : 'bulk.done', { done: works, count: outcomes.length })}
		</Told>
	)
}
