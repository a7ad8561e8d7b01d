/** A member's role, to be changed at its place by those who may. */
import MenuItem from '@mui/material/MenuItem'
import TextField from '@mui/material/TextField'
import { useRecordContext } from 'react-admin'
import { useText } from '../messages'
import { useMe } from '../session/Session'
import { givenBy, isAtLeast, type Role } from '../session/types'
import { useRoleName } from '../tenant/labels'
import { useTenant } from '../tenant/Tenant'
import { useChange } from '../ui/useChange'
import type { Member } from './types'

export function RoleChoice() {
	const text = useText()
	const roleName = useRoleName()
	const { membership, client } = useTenant()
	const { user } = useMe()
	const { busy, change } = useChange()
	const member = useRecordContext<Member & { id: string }>()
	if (!member) return null
	const mayChange = isAtLeast(membership.role, 'tenant_admin') && isAtLeast(membership.role, member.role) && member.user_id !== user.id
	if (!mayChange) return <>{roleName(member.role)}</>
	const set = (role: Role) => client.ask(`/v1/members/${member.user_id}`, { method: 'PATCH', body: { role } })
	const name = member.name ?? member.email ?? ''
	return (
		<TextField
			select
			variant="standard"
			fullWidth={false}
			disabled={busy}
			value={member.role}
			onChange={(event) => {
				const role = event.target.value as Role
				void change(() => set(role), text('members.role_done', { name, role: roleName(role) }))
			}}
			slotProps={{ input: { disableUnderline: true }, select: { SelectDisplayProps: { 'aria-label': text('members.role_of', { name }) } as object } }}
		>
			{givenBy(membership.role).map((role) => (
				<MenuItem key={role} value={role}>
					{roleName(role)}
				</MenuItem>
			))}
		</TextField>
	)
}
