/** The functions that are registered on a table, as buttons of its rows. Those that take a body are for programs. */
import Visibility from '@mui/icons-material/VisibilityOutlined'
import Button from '@mui/material/Button'
import IconButton from '@mui/material/IconButton'
import Tooltip from '@mui/material/Tooltip'
import type { TenantdDataProvider } from 'ra-data-tenantd'
import { useCallback, useState } from 'react'
import { useCanAccess, useDataProvider, useNotify, useRecordContext, useRefresh, useResourceContext } from 'react-admin'
import { useText } from '../messages'
import { useTenant } from '../tenant/Tenant'
import { isAtLeast } from '../session/types'
import { useSubmit } from '../ui/useSubmit'
import { BulkDialog } from './BulkDialog'
import { useThis } from './Catalog'
import { type Action, rowsOf, titleOf } from './catalog'
import { Answer } from './Changes'
import type { RowAct } from './eachRow'

/** Those that the caller may call. */
export function useRowActions(): Action[] {
	const r = useThis()
	const { membership } = useTenant()
	const { canAccess } = useCanAccess({ action: 'show', resource: rowsOf(r.name) })
	return canAccess ? r.actions.filter((a) => !a.takes_body && !a.on_collection && (a.role === null || isAtLeast(membership.role, a.role))) : []
}

export const RowActions = () => useRowActions().map((action) => <ActionButton key={action.name} action={action} />)

function ActionButton({ action }: { action: Action }) {
	const text = useText()
	const record = useRecordContext()
	const resource = useResourceContext() ?? ''
	const provider = useDataProvider<TenantdDataProvider>()
	const refresh = useRefresh()
	const notify = useNotify()
	const [isPreviewed, setPreviewed] = useState(false)
	const name = titleOf(action.name)
	const call: RowAct = async (row, meta) => (await provider.act(resource, { id: row.id, action: action.name, meta })).data
	const act = useCallback(async () => {
		if (!record) return
		try {
			await provider.act(resource, { id: record.id, action: action.name })
			refresh()
		} catch (error) {
			notify((error as Error).message, { type: 'error' })
		}
	}, [provider, resource, record, action, refresh, notify])
	const { busy, submit } = useSubmit(act)
	const preview = text('bulk.preview_of', { action: name })
	return (
		<>
			<Button disabled={busy || !record} onClick={() => void submit()}>
				{name}
			</Button>
			<Tooltip title={preview}>
				<IconButton size="small" aria-label={preview} disabled={busy || !record} onClick={() => setPreviewed(true)}>
					<Visibility fontSize="small" />
				</IconButton>
			</Tooltip>
			{isPreviewed && record && (
				<BulkDialog
					previewFirst
					title={preview}
					intro={null}
					button={name}
					records={[record]}
					act={call}
					shown={(row, answer) => <Answer record={row} answer={answer} />}
					done={refresh}
					close={() => setPreviewed(false)}
				/>
			)}
		</>
	)
}
