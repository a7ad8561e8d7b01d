import { titleOf } from '../rows/catalog'

export interface AuditEvent {
	id: string
	at: string
	action: string
	actor_kind: 'user' | 'api_key' | 'operator' | 'database'
	actor_id: string | null
	actor_name: string | null
	actor_label: string | null
	object_type: string | null
	object_id: string | null
	object_name: string | null
	fields: string[] | null
	code: string | null
	count: number
	route: string | null
	trace_id: string | null
	reason: string | null
}

/** "member.role_changed" is "Member: role changed". */
export function actionName(action: string): string {
	const [object = '', verb = ''] = action.split('.')
	return `${titleOf(object)}: ${verb.replace(/_/g, ' ')}`
}
