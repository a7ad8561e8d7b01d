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
	/** Where the row or the person is found whose id it holds; a person has no resource. */
	references?: { resource?: string; path: string; column: string | null }
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
	title: string
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

/** What a column or a kind of object is called: "due_at" is "Due at". A table says its own title. */
export function titleOf(name: string): string {
	const words = name.replace(/_id$/, '').replace(/_/g, ' ').trim()
	const shown = words.replace(/\b(sku|id|url|sha256)\b/g, (word) => word.toUpperCase())
	return shown.charAt(0).toUpperCase() + shown.slice(1)
}

/** A title inside a sentence: "Inventory items" is "inventory items", "KPIs" stays. */
export const inSentence = (title: string) => (/^\p{Lu}\p{Ll}/u.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title)

export type Kind = 'reference' | 'person' | 'enum' | 'boolean' | 'number' | 'date' | 'moment' | 'json' | 'texts' | 'long' | 'text' | 'uuid'

const LONG = /^(body|content|description|notes?|message|comment|text|reason|error)$/
const NUMBERS = /^(smallint|integer|bigint|numeric|real|double precision)/

/** How the values of a column are shown, written and filtered. */
export function kindOf(column: Column): Kind {
	const { name, type } = column
	if (column.references) return column.references.resource ? 'reference' : 'person'
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
/** Long texts and JSON need the whole width. */
export const isWide = (c: Column) => ['json', 'long'].includes(kindOf(c))
/** In a form and on the page of a row the wide ones stand behind the others, so that there are no gaps beside them. */
export const wideLast = (columns: Column[]) => [...columns.filter((c) => !isWide(c)), ...columns.filter(isWide)]

/** A list with fewer columns has room for the beginning of a long one. */
const FEW = 5

/** Too long or too technical for a list, until somebody chooses to see them. */
export function hiddenFirst(r: Described): string[] {
	const own = shownColumns(r).filter((c) => !isBookkeeping(c) && kindOf(c) !== 'uuid')
	const wide = own.filter(isWide)
	const beginning = own.length - wide.length < FEW ? (wide.find((c) => kindOf(c) === 'long') ?? wide[0]) : undefined
	return shownColumns(r).filter((c) => !own.includes(c) || (isWide(c) && c !== beginning)).map((c) => c.name)
}

/** What happened last comes first, where rows are only added; else what was made last. */
export function firstOrder(r: Described): { field: string; order: 'ASC' | 'DESC' } {
	const own = r.append_only && shownColumns(r).find((c) => !isBookkeeping(c) && !c.nullable && ['date', 'moment'].includes(kindOf(c)))
	const time = own || r.columns.find((c) => c.name === 'created_at')
	return time ? { field: time.name, order: 'DESC' } : { field: r.key, order: 'ASC' }
}

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

/** A row by what people call it. */
export const labelOf = (r: Described, row: Record<string, unknown>) => String(row[labelColumn(r)] ?? row.id)

const OPERATIONS = { list: 'read', show: 'read', export: 'read', create: 'create', edit: 'update', clone: 'create', delete: 'delete' } as const

/** Whether a role may do what react-admin asks for; tenantd decides again. */
export function mayDo(r: Described, role: Role, action: string): boolean {
	const operation = OPERATIONS[action as keyof typeof OPERATIONS] ?? 'read'
	const least = r.roles[operation]
	return least !== null && isAtLeast(role, least)
}
