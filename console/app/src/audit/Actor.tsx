import { Person } from '../members/Person'
import { useText } from '../messages'
import type { AuditEvent } from './types'

/** Who did it: a member by name, anybody else by what they are. */
export function Actor({ event }: { event: AuditEvent }) {
	const text = useText()
	if (event.actor_label) return <>{event.actor_label}</>
	if (event.actor_kind === 'user' && event.actor_id) return <Person id={event.actor_id} />
	return <>{text(`actor.${event.actor_kind}`)}</>
}
