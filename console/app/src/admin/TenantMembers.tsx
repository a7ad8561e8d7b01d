import List from '@mui/material/List'
import ListItem from '@mui/material/ListItem'
import ListItemText from '@mui/material/ListItemText'
import { useCallback } from 'react'
import type { Member } from '../members/types'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { StatusChip, useRoleName } from '../tenant/labels'
import { Refused } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import type { SystemTenant } from './types'

export function TenantMembers({ tenant }: { tenant: SystemTenant }) {
	const text = useText()
	const roleName = useRoleName()
	const { client } = useSession()
	const { data, refusal } = useLoad(useCallback(() => client.get<Member[]>(`/v1/admin/tenants/${tenant.id}/members`), [client, tenant]))
	return (
		<>
			<Refused refusal={refusal ?? null} />
			{data?.length === 0 && text('system.no_members')}
			<List disablePadding dense>
				{data?.map((m) => (
					<ListItem key={m.user_id} disableGutters>
						<ListItemText primary={m.name ?? m.email} secondary={`${m.name ? `${m.email} · ` : ''}${roleName(m.role)}`} />
						<StatusChip status={m.status} />
					</ListItem>
				))}
			</List>
		</>
	)
}
