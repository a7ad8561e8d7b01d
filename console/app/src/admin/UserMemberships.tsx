import Button from '@mui/material/Button'
import List from '@mui/material/List'
import ListItem from '@mui/material/ListItem'
import ListItemText from '@mui/material/ListItemText'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import { useState } from 'react'
import { useText } from '../messages'
import { StatusChip, useRoleName } from '../tenant/labels'
import { Link } from '../ui/Link'
import { dayOf } from '../ui/when'
import { AddMember } from './AddMember'
import { MemberDialog } from './MemberDialog'
import { TenantPicker } from './pickers'
import { Reassign } from './Reassign'
import { isThere, nameOfUser, type SystemMembership, type SystemTenant, type SystemUser } from './types'

export function UserMemberships({ user }: { user: SystemUser }) {
	const text = useText()
	return (
		<Stack sx={{ gap: 1, alignItems: 'start' }}>
			{user.memberships.length === 0 && <Typography color="textSecondary">{text('system.no_memberships')}</Typography>}
			<List disablePadding dense sx={{ width: '100%' }}>
				{user.memberships.map((m) => (
					<Membership key={m.tenant_id} user={user} membership={m} />
				))}
			</List>
			<Add user={user} />
		</Stack>
	)
}

function Membership({ user, membership: m }: { user: SystemUser; membership: SystemMembership }) {
	const text = useText()
	const roleName = useRoleName()
	const [open, setOpen] = useState<'change' | 'move'>()
	const close = () => setOpen(undefined)
	const tenant = { id: m.tenant_id, name: m.name }
	const mayMove = m.status === 'active' || m.status === 'suspended'
	return (
		<ListItem disableGutters divider sx={{ gap: 1, flexWrap: 'wrap' }}>
			<ListItemText
				sx={{ minWidth: 180 }}
				primary={<Link to={`/system/tenants/${m.tenant_id}`}>{m.name}</Link>}
				secondary={[roleName(m.role), m.joined_at && text('system.since', { day: dayOf(m.joined_at) })].filter(Boolean).join(' · ')}
			/>
			{m.tenant_status !== 'active' && <Typography variant="body2">{text('system.tenant_is', { status: text(`status.${m.tenant_status}`) })}</Typography>}
			<StatusChip status={m.status} />
			<Stack direction="row" sx={{ minWidth: 150, justifyContent: 'flex-end' }}>
				<Button onClick={() => setOpen('change')} aria-label={text('system.change_in', { tenant: m.name })}>
					{text(isThere(m.status) ? 'system.change' : 'system.bring_back')}
				</Button>
				{mayMove && (
					<Button onClick={() => setOpen('move')} aria-label={text('system.move_from', { tenant: m.name })}>
						{text('system.move')}
					</Button>
				)}
			</Stack>
			{open === 'change' && <MemberDialog tenant={tenant} user={{ id: user.id, name: nameOfUser(user) }} now={isThere(m.status) ? m : undefined} close={close} />}
			{open === 'move' && <Reassign user={user} from={m} close={close} />}
		</ListItem>
	)
}

function Add({ user }: { user: SystemUser }) {
	const text = useText()
	const name = nameOfUser(user)
	return (
		<AddMember<SystemTenant>
			button={text('system.add_to_tenant')}
			variant="outlined"
			title={text('system.add_where', { user: name })}
			intro={text('system.add_where_intro')}
			picker={(tenant, pick) => <TenantPicker label={text('system.tenant')} value={tenant} onChange={pick} />}
			dialog={(tenant, close) => <MemberDialog tenant={tenant} user={{ id: user.id, name }} close={close} />}
		/>
	)
}
