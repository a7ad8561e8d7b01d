/** An answer that is no success, in the form in which react-admin looks for a status and for the errors of fields. */

export interface Problem {
	type?: string
	title?: string
	status: number
	code?: string
	detail?: string
	trace_id?: string
	errors?: { field: string; detail: string }[]
}

export interface ProblemBody {
	code: string
	trace_id?: string
	/** What react-admin's forms show: by field, or under `root` what belongs to none. */
	errors?: Record<string, string | { serverError: string }>
	/** Of a 412: the row as it is now. */
	current?: Record<string, unknown>
	retryAfter?: number
}

export class TenantdError extends Error {
	readonly status: number
	readonly body: ProblemBody

	constructor(message: string, status: number, body: ProblemBody) {
		super(message)
		this.name = 'TenantdError'
		this.status = status
		this.body = body
	}

	get code(): string {
		return this.body.code
	}
}

/** Field errors come from `errors`; without any, the whole refusal is one line of the form. */
export function errorOf(problem: Problem, retryAfter?: number): TenantdError {
	const message = problem.detail ?? problem.title ?? `HTTP ${problem.status}`
	const body: ProblemBody = { code: problem.code ?? 'internal', trace_id: problem.trace_id, retryAfter }
	if (problem.errors?.length) {
		body.errors = Object.fromEntries(problem.errors.map((e) => [e.field, e.detail]))
		const first = problem.errors[0]
		return new TenantdError(problem.detail ?? `${first?.field} ${first?.detail}`, problem.status, body)
	}
	return new TenantdError(message, problem.status, body)
}
