/** Where the lists of a tenant are in the API. */
import type { Place } from 'ra-data-tenantd'
import { type Described, rowsOf } from '../rows/catalog'

const LISTS: Record<string, Place> = {
	members: { path: '/v1/members', key: 'user_id', kind: 'entries', single: true },
	invitations: { path: '/v1/invitations', key: 'id', kind: 'entries' },
	offers: { path: '/v1/tenant/ownership-offers', key: 'id', kind: 'entries' },
	requests: { path: '/v1/join-requests', key: 'user_id', kind: 'entries' },
	audit: { path: '/v1/audit', key: 'id', kind: 'entries' },
}

export function places(catalog: Described[]): (resource: string) => Place {
	const rows = new Map<string, Place>(
		catalog.map((r) => [rowsOf(r.name), { path: r.path, key: r.key, kind: 'rows', versioned: !r.read_only && r.columns.some((c) => c.name === 'version') }]),
	)
	return (resource) => {
		const place = rows.get(resource) ?? LISTS[resource]
		if (!place) throw new Error(`no resource '${resource}'`)
		return place
	}
}
