/** What was done in the tenant. */
import { useCreatePath } from 'react-admin'
import { useText } from '../messages'
import { useCatalog } from '../rows/Catalog'
import { rowsOf } from '../rows/catalog'
import { useTenant } from '../tenant/Tenant'
import { actsOfTenant } from './actions'
import { EventList } from './EventList'
import { EventTable } from './EventTable'
import { useEventFilters } from './filters'
import type { LinkOf } from './ObjectName'

/** The page on which the objects of a kind are. */
const PAGES: Record<string, string> = {
	member: 'members',
	invitation: 'invitations',
	domain: 'domains',
	api_key: 'settings',
	tenant: 'settings',
	ownership_offer: 'members',
}

function useLinks(): LinkOf {
	const pathOf = useCreatePath()
	const catalog = useCatalog()
	return ({ object_type: type, object_id: id, action }) => {
		if (!type || action.endsWith('.deleted')) return undefined
		if (PAGES[type]) return pathOf({ resource: PAGES[type], type: 'list' })
		return id && catalog.some((r) => r.name === type) ? pathOf({ resource: rowsOf(type), type: 'show', id }) : undefined
	}
}

export function AuditList() {
	const text = useText()
	const { client } = useTenant()
	const filters = useEventFilters(actsOfTenant(useCatalog().map((r) => r.name)), 'members')
	return (
		<EventList title={text('audit.title')} filters={filters} client={client} path="/v1/audit">
			<EventTable linkOf={useLinks()} />
		</EventList>
	)
}
