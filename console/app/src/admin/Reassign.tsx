/** Moves a member to another tenant. What will happen is said, and tried on the server without being done, before anybody confirms it. */
import Box from '@mui/material/Box'
import { useCallback, useState } from 'react'
import { useNotify, useRefresh } from 'react-admin'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import type { Role } from '../session/types'
import { useRoleName } from '../tenant/labels'
import { Confirm } from '../ui/Confirm'
import { Refused } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { TenantPicker } from './pickers'
import { RoleField } from './RoleField'
import { isThere, nameOfUser, type SystemMembership, type SystemTenant, type SystemUser } from './types'

export function Reassign({ user, from, close }: { user: SystemUser; from: SystemMembership; close: () => void }) {
	const text = useText()
	const notify = useNotify()
	const refresh = useRefresh()
	const { client } = useSession()
	const [to, setTo] = useState<SystemTenant | null>(null)
	const [role, setRole] = useState<Role>(from.role)
	const name = nameOfUser(user)
	const move = useCallback(
		(reason: string, headers?: Record<string, string>) =>
			client.post('/v1/admin/reassignments', { user_id: user.id, from: from.tenant_id, to: to?.id, role, reason }, headers),
		[client, user, from, to, role],
	)
	const { refusal } = useLoad(useCallback(async () => to && move('tried without being done', { Prefer: 'tx=rollback' }), [move, to]))
	const act = async (reason: string) => {
		await move(reason)
		notify(text('system.moved', { user: name, tenant: to?.name ?? '' }), { type: 'success' })
		refresh()
	}
	return (
		<Confirm
			title={text('system.move_title', { user: name, tenant: from.name })}
			intro={to ? <Outcome user={user} from={from} to={to} role={role} /> : text('system.move_intro')}
			button={text('system.move')}
			name={name}
			asksReason
			isReady={to !== null && !refusal}
			act={act}
			close={close}
		>
			<TenantPicker label={text('system.move_to')} value={to} onChange={setTo} />
			<RoleField value={role} onChange={setRole} />
			<Refused refusal={refusal ?? null} />
		</Confirm>
	)
}

function Outcome({ user, from, to, role }: { user: SystemUser; from: SystemMembership; to: SystemTenant; role: Role }) {
	const text = useText()
	const roleName = useRoleName()
	const there = user.memberships.find((m) => m.tenant_id === to.id && isThere(m.status))
	return (
		<Box component="ul" sx={{ m: 0, pl: 2.5 }}>
			<li>{text('system.will_leave', { tenant: from.name, role: roleName(from.role) })}</li>
			<li>
				{text('system.will_join', { tenant: to.name, role: roleName(role) })}{' '}
				{there ? text('system.is_there', { role: roleName(there.role) }) : text('system.is_not_there')}
			</li>
			<li>{text('system.will_be_told')}</li>
		</Box>
	)
}
