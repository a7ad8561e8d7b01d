/** What GET /v1/resources says of a table, and what the pages make of it. */
import { isAtLeast, type Role } from '../session/types'

export interface Column {
	name: string
	type: string
	nullable: boolean
	has_default: boolean
	insert: boolean
	update: boolean
	max_length?: number
	enum?: string[]
	description?: string
	references?: { resource: string; column: string }
}

export interface Action {
	name: string
	role: Role | null
	tenant_status: string
	takes_body: boolean
	on_collection: boolean
}

export interface Described {
	name: string
	path: string
	key: string
	tenant_status: 'any' | 'open' | 'active'
	append_only: boolean
	read_only: boolean
	has_content: boolean
	roles: Record<'read' | 'create' | 'update' | 'delete', Role | null>
	columns: Column[]
	actions: Action[]
}

/** The rows of a table are a resource of react-admin under this name, so that none is mistaken for another list. */
export const rowsOf = (name: string) => `rows/${name}`

/** "inventory_items" is "Inventory items", "due_at" is "Due at". */
export function titleOf(name: string): string {
	const words = name.replace(/_id$/, '').replace(/_/g, ' ').trim()
	const shown = words.replace(/\b(sku|id|url|sha256|kpis?)\b/g, (word) => (word === 'kpis' ? 'KPIs' : word.toUpperCase()))
	return shown.charAt(0).toUpperCase() + shown.slice(1)
}

export type Kind = 'reference' | 'person' | 'enum' | 'boolean' | 'number' | 'date' | 'moment' | 'json' | 'texts' | 'long' | 'text' | 'uuid'

const PEOPLE = new Set(['created_by', 'updated_by', 'actor_id'])
const LONG = /^(body|content|description|notes?|message|comment|text|reason|error)$/
const NUMBERS = /^(smallint|integer|bigint|numeric|real|double precision)/

/** How the values of a column are shown, written and filtered. */
export function kindOf(column: Column): Kind {
	const { name, type } = column
	if (column.references) return 'reference'
	if (PEOPLE.has(name)) return 'person'
	if (column.enum) return 'enum'
	if (type === 'boolean') return 'boolean'
	if (/^(text|character varying).*\[\]$/.test(type)) return 'texts'
	if (type === 'json' || type === 'jsonb' || type.endsWith('[]')) return 'json'
	if (NUMBERS.test(type)) return 'number'
	if (type === 'date') return 'date'
	if (type.startsWith('timestamp')) return 'moment'
	if (type === 'uuid') return 'uuid'
	return LONG.test(name) ? 'long' : 'text'
}

/** Filled by the server alone, the same in every table, and the same in every row of a list. */
const CONTEXT = new Set(['tenant_id', 'env'])
const BOOKKEEPING = new Set(['id', 'version', 'created_at', 'created_by', 'updated_at', 'updated_by', 'actor_id', 'trace_id'])

export const shownColumns = (r: Described) => r.columns.filter((c) => !CONTEXT.has(c.name))
export const isBookkeeping = (c: Column) => BOOKKEEPING.has(c.name)
/** Too long or too technical for a list, until somebody chooses to see them. */
export const isHiddenFirst = (c: Column) => isBookkeeping(c) || ['json', 'long', 'uuid'].includes(kindOf(c))
export const mayWrite = (c: Column, act: 'insert' | 'update') => c[act] && c.name !== 'id' && !CONTEXT.has(c.name)
export const isNeeded = (c: Column) => !c.nullable && !c.has_default

const LABELS = ['title', 'name', 'label', 'subject', 'sku', 'email', 'page', 'sensor', 'source', 'strategy', 'kind', 'collection']

/** The column by which people know a row. */
export function labelColumn(r: Described): string {
	const named = LABELS.flatMap((name) => r.columns.filter((c) => c.name === name))
	// One that every row has is better than one that some have.
	const best = named.find((c) => !c.nullable) ?? named[0]
	return best?.name ?? r.columns.find((c) => kindOf(c) === 'text')?.name ?? r.key
}

const OPERATIONS = { list: 'read', show: 'read', export: 'read', create: 'create', edit: 'update', clone: 'create', delete: 'delete' } as const

/** Whether a role may do what react-admin asks for; tenantd decides again. */
export function mayDo(r: Described, role: Role, action: string): boolean {
	const operation = OPERATIONS[action as keyof typeof OPERATIONS] ?? 'read'
	const least = r.roles[operation]
	return least !== null && isAtLeast(role, least)
}
