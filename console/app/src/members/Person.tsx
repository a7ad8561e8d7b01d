/** Somebody by name instead of an id. Who is no member any more has only the id. */
import { useGetMany } from 'react-admin'
import { useText } from '../messages'
import { useMe } from '../session/Session'
import type { Member } from './types'

export function Person({ id }: { id: string }) {
	const text = useText()
	const { user } = useMe()
	const { data, isPending } = useGetMany<Member & { id: string }>('members', { ids: [id] })
	if (id === user.id) return <>{text('you')}</>
	const member = data?.[0]
	if (member) return <span title={member.email ?? undefined}>{member.name ?? member.email ?? id}</span>
	return isPending ? null : <span title={id}>{text('former', { id: id.slice(0, 8) })}</span>
}
