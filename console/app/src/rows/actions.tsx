/** The functions that are registered on a table, as buttons of its rows. Those that take a body are for programs. */
import { Button, useCanAccess, useNotify, useRecordContext, useRefresh } from 'react-admin'
import { useCallback } from 'react'
import { useTenant } from '../tenant/Tenant'
import { isAtLeast } from '../session/types'
import { useSubmit } from '../ui/useSubmit'
import { useThis } from './Catalog'
import { type Action, rowsOf, titleOf } from './catalog'

export function RowActions() {
	const r = useThis()
	const { membership } = useTenant()
	const { canAccess } = useCanAccess({ action: 'show', resource: rowsOf(r.name) })
	const shown = r.actions.filter((a) => !a.takes_body && !a.on_collection && (a.role === null || isAtLeast(membership.role, a.role)))
	return canAccess ? shown.map((action) => <ActionButton key={action.name} action={action} />) : null
}

function ActionButton({ action }: { action: Action }) {
	const r = useThis()
	const record = useRecordContext()
	const { client } = useTenant()
	const refresh = useRefresh()
	const notify = useNotify()
	const act = useCallback(async () => {
		try {
			await client.post(`${r.path}/${encodeURIComponent(String(record?.id))}/${action.name}`)
			refresh()
		} catch (error) {
			notify((error as Error).message, { type: 'error' })
		}
	}, [client, r, record, action, refresh, notify])
	const { busy, submit } = useSubmit(act)
	return <Button label={titleOf(action.name)} disabled={busy || !record} onClick={() => void submit()} />
}
