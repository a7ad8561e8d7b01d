/** What a user is in a tenant, changed from outside: role and status of a membership, or a new one. It says what will be before it is so. */
import MenuItem from '@mui/material/MenuItem'
import { useState } from 'react'
import { useNotify, useRefresh } from 'react-admin'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import type { Role } from '../session/types'
import { useRoleName } from '../tenant/labels'
import { Confirm } from '../ui/Confirm'
import { Field } from '../ui/Field'
import { RoleField } from './RoleField'

const STATUSES = ['active', 'suspended', 'removed'] as const
type Status = (typeof STATUSES)[number]

export interface Named {
	id: string
	name: string
}

interface Props {
	tenant: Named
	user: Named
	/** What they are now; without it they become a member. */
	now?: { role: Role; status: string }
	close: () => void
}

export function MemberDialog({ tenant, user, now, close }: Props) {
	const text = useText()
	const roleName = useRoleName()
	const notify = useNotify()
	const refresh = useRefresh()
	const { client } = useSession()
	const [role, setRole] = useState<Role>(now?.role ?? 'member')
	const [status, setStatus] = useState<Status>(now?.status === 'suspended' ? 'suspended' : 'active')
	const names = { user: user.name, tenant: tenant.name, role: roleName(role) }
	const act = async (reason: string) => {
		await client.ask(`/v1/admin/tenants/${tenant.id}/members/${user.id}`, { method: 'PUT', body: { role, status, reason } })
		notify(text('system.member_done', names), { type: 'success' })
		refresh()
	}
	return (
		<Confirm
			title={text(now ? 'system.member_title' : 'system.add_title', names)}
			intro={text(`system.member_${status}`, names)}
			button={text(status === 'removed' ? 'members.remove' : 'act.save')}
			name={status === 'removed' ? user.name : undefined}
			asksReason
			harmless={status === 'active'}
			act={act}
			close={close}
		>
			<RoleField value={role} onChange={setRole} />
			{now && (
				<Field select name="status" label={text('field.status')} value={status} onChange={(value) => setStatus(value as Status)}>
					{STATUSES.map((s) => (
						<MenuItem key={s} value={s}>
							{text(`status.${s}`)}
						</MenuItem>
					))}
				</Field>
			)}
		</Confirm>
	)
}
