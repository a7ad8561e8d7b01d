import { useCreatePath } from 'react-admin'
import { Person } from '../members/Person'
import { useCatalog } from '../rows/Catalog'
import { rowsOf, titleOf } from '../rows/catalog'
import { Link } from '../ui/Link'
import type { AuditEvent } from './types'

/** What it was done to: a row leads to its page, a member has a name. */
export function ObjectLink({ event }: { event: AuditEvent }) {
	const pathOf = useCreatePath()
	const catalog = useCatalog()
	const { object_type: type, object_id: id } = event
	if (!type) return null
	const described = catalog.find((r) => r.name === type)
	if (described && id) return <Link to={pathOf({ resource: rowsOf(type), type: 'show', id })}>{`${titleOf(type)} ${id.slice(0, 8)}`}</Link>
	if (type === 'member' && id) return <Person id={id} />
	return <span title={id ?? undefined}>{titleOf(type)}</span>
}
