import { titleOf } from '../rows/catalog'
import { Link } from '../ui/Link'
import type { AuditEvent } from './types'

export type LinkOf = (event: AuditEvent) => string | undefined

/** What it was done to, by its name where it has one; `linkOf` knows where its page is. */
export function ObjectName({ event, linkOf }: { event: AuditEvent; linkOf: LinkOf }) {
	const { object_type: type, object_id: id, object_name: name } = event
	if (!type) return null
	const link = linkOf(event)
	const shown = name ?? (link && id ? `${titleOf(type)} ${id.slice(0, 8)}` : titleOf(type))
	return link ? <Link to={link}>{shown}</Link> : <span title={id ?? undefined}>{shown}</span>
}
