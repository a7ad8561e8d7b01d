/** The members of a tenant, and what an administrator does with them. */
import Button from '@mui/material/Button'
import { useState } from 'react'
import { DataTable, SearchInput, SelectInput, TopToolbar, useRecordContext } from 'react-admin'
import type { Member } from '../members/types'
import { useText } from '../messages'
import { ROLES } from '../session/types'
import { StatusChip, useRoleName } from '../tenant/labels'
import { Col } from '../ui/Col'
import { EntryList } from '../ui/EntryList'
import { dayOf } from '../ui/when'
import { AddMember } from './AddMember'
import { MemberDialog } from './MemberDialog'
import { UserPicker } from './pickers'
import { nameOfUser, type SystemTenant, type SystemUser } from './types'
import { WhoLink } from './WhoLink'

const STATUSES = ['active', 'pending', 'suspended'] as const

export function TenantMembers() {
	const text = useText()
	const roleName = useRoleName()
	const tenant = useRecordContext<SystemTenant>()
	if (!tenant) return null
	const filters = [
		<SearchInput key="q" alwaysOn source="q" placeholder={text('members.search')} slotProps={{ htmlInput: { 'aria-label': text('members.search') } }} />,
		<SelectInput key="role" alwaysOn source="role" label={text('field.role')} choices={ROLES.map((id) => ({ id, name: roleName(id) }))} translateChoice={false} />,
		<SelectInput key="status" alwaysOn source="status" label={text('field.status')} choices={STATUSES.map((id) => ({ id, name: text(`status.${id}`) }))} translateChoice={false} />,
	]
	return (
		<EntryList inside={`tenants/${tenant.id}/members`} filters={filters} actions={<TopToolbar><Add tenant={tenant} /></TopToolbar>}>
			<DataTable bulkActionButtons={false} rowClick={false}>
				<Col card="title" label={text('field.name')} disableSort render={(m: Member) => <WhoLink id={m.user_id} user={m} />} />
				<Col label={text('field.role')} disableSort render={(m: Member) => roleName(m.role)} />
				<Col label={text('field.status')} disableSort render={(m: Member) => <StatusChip status={m.status} />} />
				<Col label={text('members.joined')} disableSort render={(m: Member) => m.joined_at && dayOf(m.joined_at)} />
				<Col card="acts" label={text('acts')} disableSort align="right" render={(m: Member) => <Change tenant={tenant} member={m} />} />
			</DataTable>
		</EntryList>
	)
}

function Change({ tenant, member }: { tenant: SystemTenant; member: Member }) {
	const text = useText()
	const [open, setOpen] = useState(false)
	const user = { id: member.user_id, name: nameOfUser(member) }
	return (
		<>
			<Button onClick={() => setOpen(true)} aria-label={text('system.change_named', { user: user.name })}>
				{text('system.change')}
			</Button>
			{open && <MemberDialog tenant={tenant} user={user} now={member} close={() => setOpen(false)} />}
		</>
	)
}

function Add({ tenant }: { tenant: SystemTenant }) {
	const text = useText()
	return (
		<AddMember<SystemUser>
			button={text('system.add_member')}
			variant="contained"
			title={text('system.add_whom', { tenant: tenant.name })}
			intro={text('system.add_whom_intro')}
			picker={(user, pick) => <UserPicker label={text('system.user')} value={user} onChange={pick} />}
			dialog={(user, close) => <MemberDialog tenant={tenant} user={{ id: user.id, name: nameOfUser(user) }} close={close} />}
		/>
	)
}
