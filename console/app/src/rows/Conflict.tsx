/** Somebody else changed the row meanwhile: both versions side by side, and whoever saves decides. */
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import { TenantdError } from 'ra-data-tenantd'
import { useCallback, useState } from 'react'
import { type RaRecord, useNotify, useRedirect, useRefresh, useResourceContext, useUpdate } from 'react-admin'
import { useText } from '../messages'
import type { Column } from './catalog'
import { isSame, SideBySide } from './SideBySide'

export interface Conflict {
	before: RaRecord
	now: RaRecord
	mine: RaRecord
}

/** Tells a refusal that stands at no field. */
export function useRefused() {
	const notify = useNotify()
	return useCallback(
		(error: unknown) => {
			if (!(error instanceof TenantdError && error.body.errors)) notify((error as Error).message, { type: 'error' })
		},
		[notify],
	)
}

export function useConflict() {
	const refused = useRefused()
	const [conflict, setConflict] = useState<Conflict>()
	const onError = useCallback(
		(error: unknown, variables: { data?: unknown; previousData?: unknown }) => {
			const now = error instanceof TenantdError && error.status === 412 ? error.body.current : undefined
			if (now) setConflict({ before: variables.previousData as RaRecord, now: now as RaRecord, mine: variables.data as RaRecord })
			else refused(error)
		},
		[refused],
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
				<SideBySide
					columns={differing}
					left={{ name: text('conflict.theirs'), record: now }}
					right={{ name: text('conflict.mine'), record: mine }}
				/>
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
