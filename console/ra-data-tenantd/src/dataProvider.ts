/**
 * react-admin's requests as requests to tenantd. A row that was read is written only while it is still as it was read
 * (If-Match); a row is created once however often the request is repeated (Idempotency-Key); lists are not counted
 * unless that is asked for.
 */
import type { DataProvider, GetListParams, Identifier, RaRecord } from 'ra-core'
import { type Client, randomKey } from './client.js'
import { TenantdError } from './problem.js'
import { countOf, filterParams, nextPage } from './query.js'

/** Where a resource of react-admin is in tenantd's API. */
export interface Place {
	path: string
	/** The name of the field that is the id. */
	key: string
	/** `rows` have filters, order, offsets and ETags; `entries` are the other lists, with cursors alone. */
	kind: 'rows' | 'entries'
	/** An entry can be asked for by its id alone. */
	single?: boolean
	/** The name of the version by which an ETag is kept; rows of a view have none. */
	versioned?: boolean
}

export interface DataOptions {
	client: Client
	place: (resource: string) => Place
}

export interface TenantdDataProvider extends DataProvider {
	/** Counts the rows that a filter finds, for those who ask. */
	count: (resource: string, filter: Record<string, unknown>) => Promise<number>
	/** Calls an action on a row; the data is what its function answers. */
	act: (resource: string, params: { id: Identifier; action: string; meta?: { dryRun?: boolean } }) => Promise<{ data: unknown }>
}

type Row = Record<string, unknown>
const PAGE_MAX = 1000
const IDS_LENGTH_MAX = 6000 // of the 8 KiB that tenantd takes as an address
const AROUND_ID = 9 // two quotes and a comma, encoded
/** Up to so many entries are asked for one by one; more are looked for in the list. */
const SINGLES_MAX = 5

/** Rows of `/v1/data`, for an app that has nothing else. */
export const rowsPlace = (resource: string): Place => ({ path: `/v1/data/${resource}`, key: 'id', kind: 'rows', versioned: true })

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The fields that were changed. */
function changesOf(data: Row, previous: Row): Row {
	return Object.fromEntries(Object.entries(data).filter(([name, value]) => name !== 'id' && value !== undefined && !isSame(value, previous[name])))
}

export function createDataProvider({ client, place }: DataOptions): TenantdDataProvider {
	const etags = new Map<string, string>() // by resource, id and version
	const cursors = new Map<string, string>() // by list and number of the page: where the page begins
	const attempts = new Map<string, string>() // the keys of creations whose answer did not arrive

	const pathOf = (p: Place, id: Identifier) => `${p.path}/${encodeURIComponent(String(id))}`
	const record = (p: Place, row: Row): RaRecord => ({ ...row, id: row[p.key] as Identifier })
	const versionKey = (resource: string, row: Row) => `${resource}/${String(row.id)}/${String(row.version)}`
	const prefer = (meta?: { dryRun?: boolean }): Record<string, string> => (meta?.dryRun ? { Prefer: 'tx=rollback' } : {})

	/** A dry run's row is never stored: its version can come again with other values. */
	function remember(resource: string, row: RaRecord, headers: Headers, meta?: { dryRun?: boolean }): RaRecord {
		const etag = headers.get('ETag')
		if (etag && !meta?.dryRun) etags.set(versionKey(resource, row), etag)
		return row
	}

	async function fetchOne(resource: string, id: Identifier): Promise<RaRecord> {
		const p = place(resource)
		const { body, headers } = await client.ask<Row>(pathOf(p, id))
		return remember(resource, record(p, body), headers)
	}

	/** Who is not there any more is no failure of the others. */
	function noneOf404(error: unknown): undefined {
		if (!(error instanceof TenantdError && error.status === 404)) throw error
	}

	function changedSince(current: RaRecord): TenantdError {
		return new TenantdError('The row has changed since', 412, { code: 'precondition_failed', current })
	}

	/** The ids in pieces, because the address of a request has a length that servers take; each piece is a request of its own. */
	async function inPieces<T>(p: Place, ids: Identifier[], ask: (query: URLSearchParams) => Promise<T>): Promise<T[]> {
		const answers: T[] = []
		for (let begin = 0, end = 0; begin < ids.length; begin = end) {
			for (let length = 0; end < ids.length && (end === begin || length < IDS_LENGTH_MAX); end++) length += encodeURIComponent(String(ids[end])).length + AROUND_ID
			answers.push(await ask(filterParams({ [`${p.key}@in`]: ids.slice(begin, end) })))
		}
		return answers
	}

	/** Rows of a list come without an ETag: the row is then read, and must still have the version that was seen. */
	async function ifMatch(resource: string, id: Identifier, seen?: Row): Promise<Record<string, string>> {
		const p = place(resource)
		if (!p.versioned || seen?.version === undefined) return {}
		const known = etags.get(versionKey(resource, { ...seen, id }))
		if (known) return { 'If-Match': known }
		const current = await fetchOne(resource, id)
		if (current.version !== seen.version) throw changedSince(current)
		const etag = etags.get(versionKey(resource, current))
		return etag ? { 'If-Match': etag } : {}
	}

	async function withCurrent<T>(resource: string, id: Identifier, act: () => Promise<T>): Promise<T> {
		try {
			return await act()
		} catch (error) {
			if (error instanceof TenantdError && error.status === 412 && !error.body.current)
				throw changedSince(await fetchOne(resource, id))
			throw error
		}
	}

	function rowsQuery(params: Partial<GetListParams>): URLSearchParams {
		const query = filterParams(params.filter ?? {})
		if (params.sort?.field) query.set('order', `${params.sort.field}.${params.sort.order === 'DESC' ? 'desc' : 'asc'}`)
		return query
	}

	/** Follows the links until there are as many rows as were asked for. A link is used as it came. */
	async function collect(start: { link: string } | { path: string; query: URLSearchParams }, wanted: number, headers: Record<string, string> = {}) {
		if ('query' in start) start.query.set('limit', String(Math.min(wanted, PAGE_MAX)))
		let answer = await ('link' in start ? client.ask<Row[]>(start.link) : client.ask<Row[]>(start.path, { query: start.query, headers }))
		const total = countOf(answer.headers)
		const rows = [...answer.body]
		let next = nextPage(answer.headers)
		while (next && rows.length < wanted) {
			answer = await client.ask<Row[]>(next)
			rows.push(...answer.body)
			next = nextPage(answer.headers)
		}
		return { rows: rows.slice(0, wanted), next, total }
	}

	async function listRows(p: Place, params: Partial<GetListParams>) {
		const { page, perPage } = params.pagination ?? { page: 1, perPage: PAGE_MAX }
		const query = rowsQuery(params)
		if (page > 1) query.set('offset', String((page - 1) * perPage))
		const found = await collect({ path: p.path, query }, perPage, params.meta?.count ? { Prefer: 'count=exact' } : {})
		return { ...found, page, perPage }
	}

	/** The begin of a page is known when the one before it was read; else the pages are read from the first one. */
	async function listEntries(p: Place, params: Partial<GetListParams>) {
		const { page, perPage } = params.pagination ?? { page: 1, perPage: PAGE_MAX }
		const filter = new URLSearchParams()
		for (const [name, value] of Object.entries(params.filter ?? {}))
			if (value !== undefined && value !== null && value !== '') filter.set(name, String(value))
		const list = `${p.path}?${filter}&limit=${perPage}`
		let at = page
		while (at > 1 && !cursors.has(`${list}#${at}`)) at--
		for (;;) {
			const start = at > 1 ? cursors.get(`${list}#${at}`) : undefined
			const found = await collect(start ? { link: start } : { path: p.path, query: new URLSearchParams(filter) }, perPage)
			if (found.next) cursors.set(`${list}#${at + 1}`, found.next)
			if (at === page || !found.next) return { ...found, page: at, perPage }
			at++
		}
	}

	/** How many there are is known without counting where the last page is. */
	async function list(resource: string, params: Partial<GetListParams>) {
		const p = place(resource)
		const found = await (p.kind === 'rows' ? listRows(p, params) : listEntries(p, params))
		return {
			data: found.rows.map((row) => record(p, row)),
			total: found.total ?? (found.next ? undefined : (found.page - 1) * found.perPage + found.rows.length),
			pageInfo: { hasNextPage: found.next !== undefined, hasPreviousPage: found.page > 1 },
		}
	}

	// The types of react-admin let each caller name the type of its record, which no provider can know.
	const provider = {
		getList: list,
		getOne: async (resource: string, { id }: { id: Identifier }) => ({ data: await fetchOne(resource, id) }),
		getMany: async (resource: string, { ids }: { ids: Identifier[] }) => {
			const p = place(resource)
			if (p.kind === 'rows') {
				const rows = await inPieces(p, ids, (query) => client.get<Row[]>(p.path, query))
				return { data: rows.flat().map((row) => record(p, row)) }
			}
			if (p.single && ids.length <= SINGLES_MAX) {
				const found = await Promise.all(ids.map((id) => fetchOne(resource, id).catch(noneOf404)))
				return { data: found.filter((row) => row !== undefined) }
			}
			const wanted = new Set(ids.map(String))
			const { data } = await list(resource, {})
			return { data: data.filter((r) => wanted.has(String(r.id))) }
		},
		getManyReference: (resource: string, params: GetListParams & { target: string; id: Identifier }) =>
			list(resource, { ...params, filter: { ...params.filter, [params.target]: params.id } }),
		create: async (resource: string, { data, meta }: { data: Row; meta?: { dryRun?: boolean } }) => {
			const p = place(resource)
			const attempt = JSON.stringify([resource, data, meta?.dryRun ?? false])
			const key = attempts.get(attempt) ?? randomKey()
			attempts.set(attempt, key)
			try {
				const answer = await client.ask<Row | Row[]>(p.path, { method: 'POST', body: data, headers: { 'Idempotency-Key': key, ...prefer(meta) } })
				attempts.delete(attempt)
				const row = Array.isArray(answer.body) ? answer.body[0] : answer.body
				return { data: remember(resource, record(p, row ?? {}), answer.headers, meta) }
			} catch (error) {
				// An answer is final: the same data sent again is another creation. Without an answer it is a repeat.
				if (error instanceof TenantdError) attempts.delete(attempt)
				throw error
			}
		},
		update: async (
			resource: string,
			{ id, data, previousData, meta }: { id: Identifier; data: Row; previousData?: Row; meta?: { dryRun?: boolean } },
		) => {
			const p = place(resource)
			const body = changesOf(data, previousData ?? {})
			if (Object.keys(body).length === 0) return { data: record(p, { ...previousData, ...data }) }
			return withCurrent(resource, id, async () => {
				const headers = { ...(await ifMatch(resource, id, previousData)), ...prefer(meta) }
				const answer = await client.ask<Row | Row[]>(pathOf(p, id), { method: 'PATCH', body, headers })
				const row = Array.isArray(answer.body) ? answer.body[0] : answer.body
				return { data: remember(resource, record(p, row ?? {}), answer.headers, meta) }
			})
		},
		updateMany: async (resource: string, { ids, data, meta }: { ids: Identifier[]; data: Row; meta?: { dryRun?: boolean } }) => {
			const p = place(resource)
			const headers = { Prefer: ['return=minimal', prefer(meta).Prefer].filter(Boolean).join(', ') }
			await inPieces(p, ids, (query) => client.ask(p.path, { method: 'PATCH', query, body: data, headers }))
			return { data: ids }
		},
		delete: async (resource: string, { id, previousData, meta }: { id: Identifier; previousData?: Row; meta?: { dryRun?: boolean } }) =>
			withCurrent(resource, id, async () => {
				const headers = { ...(await ifMatch(resource, id, previousData)), ...prefer(meta) }
				await client.ask(pathOf(place(resource), id), { method: 'DELETE', headers })
				return { data: { ...previousData, id } }
			}),
		deleteMany: async (resource: string, { ids, meta }: { ids: Identifier[]; meta?: { dryRun?: boolean } }) => {
			const p = place(resource)
			if (p.kind === 'rows') await inPieces(p, ids, (query) => client.ask(p.path, { method: 'DELETE', query, headers: prefer(meta) }))
			else for (const id of ids) await client.ask(pathOf(p, id), { method: 'DELETE', headers: prefer(meta) })
			return { data: ids }
		},
		act: async (resource: string, { id, action, meta }: { id: Identifier; action: string; meta?: { dryRun?: boolean } }) => ({
			data: await client.post(`${pathOf(place(resource), id)}/${action}`, {}, prefer(meta)),
		}),
		count: async (resource: string, filter: Row) => {
			const answer = await client.ask(place(resource).path, {
				query: new URLSearchParams([...filterParams(filter), ['limit', '0']]),
				headers: { Prefer: 'count=exact' },
			})
			return countOf(answer.headers) ?? 0
		},
	}
	return provider as unknown as TenantdDataProvider
}
