import { useText } from '../messages'
import { useMe } from '../session/Session'
import type { AuditEvent } from './types'

/** Who did it: somebody by name, anything else by what it is. */
export function Actor({ event }: { event: AuditEvent }) {
	const text = useText()
	const { user } = useMe()
	const { actor_id: id, actor_name: name, actor_label: label, actor_kind: kind } = event
	if (id && id === user.id) return <>{text('you')}</>
	if (label && !name) return <>{label}</>
	if (name) return <span title={label ?? undefined}>{name}</span>
	return <span title={id ?? undefined}>{text(`actor.${kind}`)}</span>
}
