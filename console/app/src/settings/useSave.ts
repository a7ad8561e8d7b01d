/** Saves some fields of the tenant, and tells it. */
import { useCallback } from 'react'
import { useNotify } from 'react-admin'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { useTenant } from '../tenant/Tenant'
import { useSubmit } from '../ui/useSubmit'

export function useSave(fields: object) {
	const text = useText()
	const notify = useNotify()
	const { client } = useTenant()
	const { reload } = useSession()
	return useSubmit(
		useCallback(async () => {
			await client.ask('/v1/tenant', { method: 'PATCH', body: fields })
			await reload()
			notify(text('settings.saved'), { type: 'success' })
		}, [client, fields, reload, notify, text]),
	)
}
