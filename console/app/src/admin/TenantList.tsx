import { CreateButton, DataTable, NumberField, SearchInput, SelectInput, TopToolbar } from 'react-admin'
import { useText } from '../messages'
import { StatusChip } from '../tenant/labels'
import { Col } from '../ui/Col'
import { EntryList } from '../ui/EntryList'
import { Link } from '../ui/Link'
import { dayOf } from '../ui/when'
import type { SystemTenant } from './types'

const STATUSES = ['onboarding', 'active', 'suspended', 'closed'] as const

export function SystemTenantList() {
	const text = useText()
	const filters = [
		<SearchInput key="q" alwaysOn source="q" placeholder={text('system.search_tenants')} slotProps={{ htmlInput: { 'aria-label': text('system.search_tenants') } }} />,
		<SelectInput key="status" alwaysOn source="status" label={text('field.status')} choices={STATUSES.map((id) => ({ id, name: text(`status.${id}`) }))} translateChoice={false} />,
	]
	return (
		<EntryList title={text('system.tenants')} filters={filters} actions={<TopToolbar><CreateButton variant="contained" /></TopToolbar>}>
			<DataTable bulkActionButtons={false} rowClick="edit">
				<Col card="title" label={text('field.name')} disableSort render={(t: SystemTenant) => <Link to={`/system/tenants/${t.id}`}>{t.name}</Link>} />
				<Col source="slug" label={text('field.slug')} disableSort />
				<Col label={text('field.status')} disableSort render={(t: SystemTenant) => <StatusChip status={t.status} />} />
				<Col source="members" label={text('members.title')} disableSort align="right" field={NumberField} />
				<Col label={text('system.created')} disableSort render={(t: SystemTenant) => dayOf(t.created_at)} />
			</DataTable>
		</EntryList>
	)
}
