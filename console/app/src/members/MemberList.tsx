import Stack from '@mui/material/Stack'
import { DataTable, SearchInput, SelectInput, useRecordContext } from 'react-admin'
import { useText } from '../messages'
import { StatusChip, useRoleName } from '../tenant/labels'
import { Col } from '../ui/Col'
import { EntryList } from '../ui/EntryList'
import { dayOf } from '../ui/when'
import { MemberActs } from './MemberActs'
import { Offers } from './Offers'
import { RoleChoice } from './RoleChoice'
import type { Member } from './types'

const ROLES = ['owner', 'tenant_admin', 'member'] as const
const STATUSES = ['active', 'pending', 'suspended'] as const

export function MemberList() {
	const text = useText()
	const roleName = useRoleName()
	const filters = [
		<SearchInput key="q" alwaysOn source="q" placeholder={text('members.search')} slotProps={{ htmlInput: { 'aria-label': text('members.search') } }} />,
		<SelectInput key="role" alwaysOn source="role" label={text('field.role')} choices={ROLES.map((id) => ({ id, name: roleName(id) }))} translateChoice={false} />,
		<SelectInput key="status" alwaysOn source="status" label={text('field.status')} choices={STATUSES.map((id) => ({ id, name: text(`status.${id}`) }))} translateChoice={false} />,
	]
	return (
		<>
			<Offers />
			<EntryList title={text('members.title')} filters={filters}>
				<DataTable bulkActionButtons={false} rowClick={false}>
					<Col card="title" label={text('field.name')} disableSort>
						<Who />
					</Col>
					<Col label={text('field.role')} disableSort>
						<RoleChoice />
					</Col>
					<Col label={text('field.status')} disableSort>
						<Status />
					</Col>
					<Col label={text('members.joined')} disableSort render={(m: Member) => m.joined_at && dayOf(m.joined_at)} />
					<Col card="acts" label={text('acts')} disableSort align="right">
						<MemberActs />
					</Col>
				</DataTable>
			</EntryList>
		</>
	)
}

function Who() {
	const member = useRecordContext<Member & { id: string }>()
	if (!member) return null
	return (
		<Stack sx={{ py: 0.25 }}>
			<span>{member.name ?? member.email}</span>
			{member.name && <Stack component="span" sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>{member.email}</Stack>}
		</Stack>
	)
}

function Status() {
	const member = useRecordContext<Member & { id: string }>()
	return member ? <StatusChip status={member.status} /> : null
}
