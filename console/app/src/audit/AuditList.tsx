/** What was done in the tenant. */
import { TopToolbar, useCreatePath } from 'react-admin'
import { useText } from '../messages'
import { useCatalog } from '../rows/Catalog'
import { rowsOf } from '../rows/catalog'
import { useTenant } from '../tenant/Tenant'
import { EntryList } from '../ui/EntryList'
import { actsOfTenant } from './actions'
import { EventTable } from './EventTable'
import { ExportAll } from './ExportAll'
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
		<EntryList title={text('audit.title')} filters={filters} actions={<TopToolbar><ExportAll client={client} path="/v1/audit" /></TopToolbar>}>
			<EventTable linkOf={useLinks()} />
		</EntryList>
	)
}
