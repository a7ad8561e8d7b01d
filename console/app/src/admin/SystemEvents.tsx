/** Events as system administration reads them: of all tenants and of none, of one tenant, or of one person. */
import { AutocompleteInput, ReferenceInput } from 'react-admin'
import { actsAnywhere } from '../audit/actions'
import { EventList } from '../audit/EventList'
import { EventTable } from '../audit/EventTable'
import { useEventFilters } from '../audit/filters'
import type { LinkOf } from '../audit/ObjectName'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { Link } from '../ui/Link'
import type { SystemEvent, SystemTenant } from './types'

const linkOf: LinkOf = ({ object_type: type, object_id: id, object_name: name }) => {
	if (!id || !name) return undefined
	if (type === 'member' || type === 'user') return `/system/users/${id}`
	return type === 'tenant' ? `/system/tenants/${id}` : undefined
}

const tenantOf = ({ tenant_id: id, tenant_name: name }: SystemEvent) => id && <Link to={`/system/tenants/${id}`}>{name ?? id}</Link>

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
		<EventList title={text('audit.title')} filters={filters} client={client} path="/v1/admin/audit" more={TENANT_COLUMNS}>
			<EventTable linkOf={linkOf} tenantOf={tenantOf} />
		</EventList>
	)
}

export function EventsOfTenant({ id }: { id: string }) {
	const { client } = useSession()
	return (
		<EventList inside={`tenants/${id}/audit`} filters={useEventFilters(actsAnywhere, 'users')} client={client} path={`/v1/admin/tenants/${id}/audit`}>
			<EventTable linkOf={linkOf} />
		</EventList>
	)
}

export function EventsByUser({ id }: { id: string }) {
	const { client } = useSession()
	const filter = { actor: id }
	return (
		<EventList inside="audit" filter={filter} filters={useEventFilters(actsAnywhere)} client={client} path="/v1/admin/audit" more={TENANT_COLUMNS}>
			<EventTable linkOf={linkOf} tenantOf={tenantOf} />
		</EventList>
	)
}

const TENANT_COLUMNS = ['tenant_id', 'tenant_slug', 'tenant_name']
