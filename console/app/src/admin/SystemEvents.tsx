/** Events as system administration reads them: of all tenants and of none, of one tenant, or of one person. */
import { AutocompleteInput, ReferenceInput, TopToolbar } from 'react-admin'
import { actsAnywhere } from '../audit/actions'
import { EventTable } from '../audit/EventTable'
import { ExportAll } from '../audit/ExportAll'
import { useEventFilters } from '../audit/filters'
import type { LinkOf } from '../audit/ObjectName'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { EntryList } from '../ui/EntryList'
import { Link } from '../ui/Link'
import type { SystemEvent, SystemTenant } from './types'

const linkOf: LinkOf = ({ object_type: type, object_id: id, object_name: name }) => {
	if (!id || !name) return undefined
	if (type === 'member' || type === 'user') return `/system/users/${id}`
	return type === 'tenant' ? `/system/tenants/${id}` : undefined
}

const tenantOf = ({ tenant_id: id, tenant_name: name }: SystemEvent) => id && <Link to={`/system/tenants/${id}`}>{name ?? id}</Link>

const Actions = (props: Parameters<typeof ExportAll>[0]) => (
	<TopToolbar>
		<ExportAll {...props} />
	</TopToolbar>
)

export function SystemAudit() {
	const text = useText()
	const { client } = useSession()
	const filters = [
		<ReferenceInput key="tenant" source="tenant" reference="tenants" alwaysOn>
			<AutocompleteInput label={text('system.tenant')} optionText={(t: SystemTenant) => t.name} filterToQuery={(q: string) => ({ q })} />
		</ReferenceInput>,
		...useEventFilters(actsAnywhere, 'users'),
	]
	return (
		<EntryList title={text('audit.title')} filters={filters} actions={<Actions client={client} path="/v1/admin/audit" more={TENANT_COLUMNS} />}>
			<EventTable linkOf={linkOf} tenantOf={tenantOf} />
		</EntryList>
	)
}

export function EventsOfTenant({ id }: { id: string }) {
	const { client } = useSession()
	return (
		<EntryList inside={`tenants/${id}/audit`} filters={useEventFilters(actsAnywhere, 'users')} actions={<Actions client={client} path={`/v1/admin/tenants/${id}/audit`} />}>
			<EventTable linkOf={linkOf} />
		</EntryList>
	)
}

export function EventsByUser({ id }: { id: string }) {
	const { client } = useSession()
	const filter = { actor: id }
	return (
		<EntryList inside="audit" filter={filter} filters={useEventFilters(actsAnywhere)} actions={<Actions client={client} path="/v1/admin/audit" filter={filter} more={TENANT_COLUMNS} />}>
			<EventTable linkOf={linkOf} tenantOf={tenantOf} />
		</EntryList>
	)
}

const TENANT_COLUMNS = ['tenant_id', 'tenant_slug', 'tenant_name']
