/** Somebody else changed the row meanwhile: both versions side by side, and whoever saves decides. */
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import Table from '@mui/material/Table'
import TableBody from '@mui/material/TableBody'
import TableCell from '@mui/material/TableCell'
import TableHead from '@mui/material/TableHead'
import TableRow from '@mui/material/TableRow'
import { TenantdError } from 'ra-data-tenantd'
import { useCallback, useState } from 'react'
import { type RaRecord, RecordContextProvider, useNotify, useRedirect, useRefresh, useResourceContext, useUpdate } from 'react-admin'
import { useText } from '../messages'
import { type Column, titleOf } from './catalog'
import { ColumnField } from './ColumnField'

export interface Conflict {
	before: RaRecord
	now: RaRecord
	mine: RaRecord
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)

export function useConflict() {
	const notify = useNotify()
	const [conflict, setConflict] = useState<Conflict>()
	const onError = useCallback(
		(error: unknown, variables: { data?: unknown; previousData?: unknown }) => {
			const now = error instanceof TenantdError && error.status === 412 ? error.body.current : undefined
			if (now) setConflict({ before: variables.previousData as RaRecord, now: now as RaRecord, mine: variables.data as RaRecord })
			else if (!(error instanceof TenantdError && error.body.errors)) notify((error as Error).message, { type: 'error' })
		},
		[notify],
	)
	return { conflict, onError, close: useCallback(() => setConflict(undefined), []) }
}

export function ConflictDialog({ conflict, columns, close }: { conflict: Conflict; columns: Column[]; close: () => void }) {
	const text = useText()
	const resource = useResourceContext()
	const redirect = useRedirect()
	const refresh = useRefresh()
	const notify = useNotify()
	const [update, { isPending }] = useUpdate()
	const { before, now, mine } = conflict
	const differing = columns.filter((c) => !isSame(now[c.name], mine[c.name]))
	const takeTheirs = () => {
		close()
		refresh()
		redirect('show', resource, now.id)
	}
	// Only what was changed here is written over what others wrote.
	const keepMine = () => {
		const changed = Object.fromEntries(columns.filter((c) => !isSame(mine[c.name], before[c.name])).map((c) => [c.name, mine[c.name]]))
		void update(
			resource,
			{ id: now.id, data: changed, previousData: now },
			{
				mutationMode: 'pessimistic',
				onSuccess: () => {
					close()
					redirect('show', resource, now.id)
				},
				onError: (error) => notify((error as Error).message, { type: 'error' }),
			},
		)
	}
	return (
		<Dialog open maxWidth="md" fullWidth aria-labelledby="conflict-title" onClose={close}>
			<DialogTitle id="conflict-title">{text('conflict.title')}</DialogTitle>
			<DialogContent>
				<p>{text('conflict.intro')}</p>
				<Table size="small">
					<TableHead>
						<TableRow>
							<TableCell>{text('conflict.field')}</TableCell>
							<TableCell>{text('conflict.theirs')}</TableCell>
							<TableCell>{text('conflict.mine')}</TableCell>
						</TableRow>
					</TableHead>
					<TableBody>
						{differing.map((c) => (
							<TableRow key={c.name}>
								<TableCell component="th" scope="row">
									{titleOf(c.name)}
								</TableCell>
								<TableCell>
									<Value record={now} column={c} />
								</TableCell>
								<TableCell>
									<Value record={mine} column={c} />
								</TableCell>
							</TableRow>
						))}
					</TableBody>
				</Table>
			</DialogContent>
			<DialogActions>
				<Button onClick={close}>{text('conflict.back')}</Button>
				<Button onClick={takeTheirs}>{text('conflict.take_theirs')}</Button>
				<Button variant="contained" loading={isPending} onClick={keepMine}>
					{text('conflict.keep_mine')}
				</Button>
			</DialogActions>
		</Dialog>
	)
}

const Value = ({ record, column }: { record: RaRecord; column: Column }) => (
	<RecordContextProvider value={record}>
		<ColumnField column={column} whole />
	</RecordContextProvider>
)
