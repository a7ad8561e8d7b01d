import Chip from '@mui/material/Chip'
import Stack from '@mui/material/Stack'
import { BooleanInput, DataTable, SearchInput } from 'react-admin'
import { useText } from '../messages'
import { useRoleName } from '../tenant/labels'
import { Link } from '../ui/Link'
import { Col } from '../ui/Col'
import { EntryList } from '../ui/EntryList'
import { dayOf } from '../ui/when'
import type { SystemUser } from './types'
import { WhoLink } from './WhoLink'

export function SystemUserList() {
	const text = useText()
	const filters = [
		<SearchInput key="q" alwaysOn source="q" placeholder={text('system.search_users')} slotProps={{ htmlInput: { 'aria-label': text('system.search_users') } }} />,
		<BooleanInput key="admins" alwaysOn source="system_admin" label={text('system.only_admins')} parse={(on: boolean) => (on ? true : '')} />,
	]
	return (
		<EntryList title={text('system.users')} filters={filters}>
			<DataTable bulkActionButtons={false} rowClick="edit">
				<Col card="title" label={text('field.name')} disableSort render={(u: SystemUser) => <Who user={u} />} />
				<Col label={text('system.memberships')} disableSort render={(u: SystemUser) => <Memberships user={u} />} />
				<Col label={text('system.created')} disableSort render={(u: SystemUser) => dayOf(u.created_at)} />
			</DataTable>
		</EntryList>
	)
}

function Who({ user }: { user: SystemUser }) {
	const text = useText()
	return (
		<WhoLink id={user.id} user={user}>
			{user.system_admin && <Chip color="warning" variant="outlined" label={text('system.admin')} />}
		</WhoLink>
	)
}

function Memberships({ user }: { user: SystemUser }) {
	const text = useText()
	const roleName = useRoleName()
	if (user.memberships.length === 0) return <>{text('system.no_memberships')}</>
	return (
		<Stack sx={{ gap: 0.25 }}>
			{user.memberships.map((m) => (
				<span key={m.tenant_id}>
					<Link to={`/system/tenants/${m.tenant_id}`}>{m.name}</Link>
					{` · ${roleName(m.role)}`}
					{m.status !== 'active' && ` · ${text(`status.${m.status}`)}`}
				</span>
			))}
		</Stack>
	)
}
