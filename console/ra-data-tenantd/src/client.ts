/**
 * One request to tenantd on the cookie session. No token is ever in the hands of a script: the browser holds it in a
 * cookie that scripts cannot read.
 */
import { errorOf, type Problem, TenantdError } from './problem.js'

export interface Ask {
	method?: string
	query?: Record<string, string | number | undefined> | URLSearchParams
	body?: unknown
	headers?: Record<string, string>
	/** Of another tenant than the client's, or of none (null). */
	tenant?: string | null
	/** Of visitors, whose session names no env yet. */
	env?: string
	signal?: AbortSignal
	/** A 401 is the answer, and no reason to sign in again. */
	plain?: boolean
}

export interface Answer<T> {
	status: number
	headers: Headers
	body: T
}

export interface ClientOptions {
	/** Where tenantd answers; by default the origin of the page. */
	url?: string
	/** The id of the tenant that every request names. */
	tenant?: string
	fetch?: typeof fetch
	/** A refusal in the words of the reader; the server's are English. */
	explain?: (problem: Problem) => Problem
	/** Called at a 401; when it resolves to true, the request is made once more. */
	signInAgain?: () => Promise<boolean>
}

export interface Client {
	readonly tenant?: string
	ask<T = unknown>(path: string, ask?: Ask): Promise<Answer<T>>
	/** An answer that is no JSON, piece by piece. */
	stream(path: string): Promise<Answer<ReadableStream<Uint8Array<ArrayBuffer>>>>
	get<T>(path: string, query?: Ask['query']): Promise<T>
	post<T = unknown>(path: string, body?: unknown, headers?: Record<string, string>): Promise<T>
	/** The refusal that an answer is. */
	refusal(status: number, title: string, body: string, retryAfter?: number): TenantdError
	/** Asks for a new sign-in; true when there was one. */
	signInAgain(): Promise<boolean>
	/** The same client for another tenant. */
	of(tenant: string): Client
}

/** 128 random bits; `crypto.randomUUID` is missing on plain http. */
export function randomKey(): string {
	return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}

/** A proxy in between may answer without JSON: then the status alone is told. */
function problemOf(status: number, title: string, body: string): Problem {
	try {
		return { title, ...(JSON.parse(body) as Problem), status }
	} catch {
		return { status, title }
	}
}

export function createClient(options: ClientOptions = {}): Client {
	const base = options.url ?? ''
	const send = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args))

	function refusal(status: number, title: string, body: string, retryAfter?: number) {
		const problem = problemOf(status, title, body)
		return errorOf(options.explain ? options.explain(problem) : problem, retryAfter)
	}

	function headersOf(ask: Ask): Record<string, string> {
		const headers: Record<string, string> = { Accept: 'application/json' }
		const tenant = ask.tenant === undefined ? options.tenant : ask.tenant
		if (tenant) headers['X-Tenant-ID'] = tenant
		if (ask.env) headers['X-Env'] = ask.env
		if (ask.body !== undefined && !(ask.body instanceof Blob)) headers['Content-Type'] = 'application/json'
		return { ...headers, ...ask.headers }
	}

	/** An answer that is no refusal; at a 401 it is asked for once more, after a new sign-in. */
	async function fetchOf(path: string, ask: Ask): Promise<Response> {
		const pairs = ask.query instanceof URLSearchParams ? ask.query : new URLSearchParams()
		if (ask.query && !(ask.query instanceof URLSearchParams))
			for (const [name, value] of Object.entries(ask.query))
				if (value !== undefined && value !== '') pairs.append(name, String(value))
		const query = pairs.toString()
		const target = base + path + (query ? (path.includes('?') ? '&' : '?') + query : '')
		const init: RequestInit = {
			method: ask.method ?? 'GET',
			headers: headersOf(ask),
			credentials: 'same-origin',
			signal: ask.signal,
		}
		if (ask.body !== undefined) init.body = ask.body instanceof Blob ? ask.body : JSON.stringify(ask.body)
		let response = await send(target, init)
		if (response.status === 401 && !ask.plain && options.signInAgain && (await options.signInAgain()))
			response = await send(target, init)
		if (!response.ok)
			throw refusal(response.status, response.statusText, await response.text(), Number(response.headers.get('Retry-After')) || undefined)
		return response
	}

	async function ask<T>(path: string, ask: Ask = {}): Promise<Answer<T>> {
		const response = await fetchOf(path, ask)
		const text = response.status === 204 ? '' : await response.text()
		return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : undefined) as T }
	}

	return {
		tenant: options.tenant,
		ask,
		stream: async (path) => {
			const response = await fetchOf(path, { headers: { Accept: '*/*' } })
			if (!response.body) throw new TypeError('the answer has no body')
			return { status: response.status, headers: response.headers, body: response.body }
		},
		get: async <T>(path: string, query?: Ask['query']) => (await ask<T>(path, { query })).body,
		post: async <T>(path: string, body: unknown = {}, headers?: Record<string, string>) =>
			(await ask<T>(path, { method: 'POST', body, headers: { 'Idempotency-Key': randomKey(), ...headers } })).body,
		refusal,
		signInAgain: async () => (options.signInAgain ? options.signInAgain() : false),
		of: (tenant) => createClient({ ...options, tenant }),
	}
}
