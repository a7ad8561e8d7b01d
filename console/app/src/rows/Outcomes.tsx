/** What came of an act on several rows, row by row: first those for which it does not work. */
import Table from '@mui/material/Table'
import TableBody from '@mui/material/TableBody'
import TableCell from '@mui/material/TableCell'
import TableHead from '@mui/material/TableHead'
import TableRow from '@mui/material/TableRow'
import Typography from '@mui/material/Typography'
import type { ReactNode } from 'react'
import { type RaRecord, RecordContextProvider } from 'react-admin'
import { useText } from '../messages'
import { refusalOf } from '../ui/useSubmit'
import { useThis } from './Catalog'
import { labelOf } from './catalog'
import { isLost, isRefused, type Outcome } from './eachRow'

interface Props {
	outcomes: Outcome[]
	shown?: (record: RaRecord, answer: unknown) => ReactNode
}

/** Of those for which it works, so many are shown. */
const EXAMPLES = 20

export function Outcomes({ outcomes, shown }: Props) {
	const text = useText()
	const r = useThis()
	const refused = outcomes.filter(isRefused)
	const works = outcomes.filter((o) => !isRefused(o))
	const left = works.length - EXAMPLES
	return (
		<div>
			<Table size="small" sx={{ '& td, & th': { verticalAlign: 'top', px: { xs: 0.75, sm: 2 }, overflowWrap: 'anywhere' } }}>
				<TableHead>
					<TableRow>
						<TableCell sx={{ width: '40%' }}>{text('bulk.row')}</TableCell>
						<TableCell>{text('bulk.outcome')}</TableCell>
					</TableRow>
				</TableHead>
				<TableBody>
					{[...refused, ...works.slice(0, EXAMPLES)].map((outcome) => (
						<TableRow key={outcome.record.id}>
							<TableCell component="th" scope="row">
								{labelOf(r, outcome.record)}
							</TableCell>
							<TableCell>
								<RecordContextProvider value={outcome.record}>
									{'answer' in outcome ? (shown?.(outcome.record, outcome.answer) ?? text('bulk.works')) : <Why error={outcome.error} />}
								</RecordContextProvider>
							</TableCell>
						</TableRow>
					))}
				</TableBody>
			</Table>
			{left > 0 && (
				<Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>
					{text('bulk.more', { count: left })}
				</Typography>
			)}
		</div>
	)
}

function Why({ error }: { error: unknown }) {
	const text = useText()
	const { message, fields } = refusalOf(error, text)
	const why = isLost(error) ? text('bulk.changed') : Object.values(fields).join(' ') || message
	return (
		<Typography variant="body2" color="error">
			{why}
		</Typography>
	)
}
