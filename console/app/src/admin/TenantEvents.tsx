import Typography from '@mui/material/Typography'
import { useCallback } from 'react'
import { actionName, type AuditEvent } from '../audit/types'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { Refused } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { momentOf } from '../ui/when'
import type { SystemTenant } from './types'

const RECENT = 20

/** What was done last in a tenant; whoever is named by an id there is found among the users. */
export function TenantEvents({ tenant }: { tenant: SystemTenant }) {
	const text = useText()
	const { client } = useSession()
	const read = useCallback(() => client.get<AuditEvent[]>(`/v1/admin/tenants/${tenant.id}/audit`, { limit: RECENT }), [client, tenant])
	const { data, refusal } = useLoad(read)
	return (
		<>
			<Refused refusal={refusal ?? null} />
			{data?.map((event) => (
				<Typography key={event.id} sx={{ py: 0.5 }}>
					{actionName(event.action)}
					<Typography component="span" color="textSecondary">
						{` · ${event.actor_label ?? text(`actor.${event.actor_kind}`)} · ${momentOf(event.at)}`}
						{event.reason && ` · “${event.reason}”`}
					</Typography>
				</Typography>
			))}
		</>
	)
}
