/** What react-admin asks for, in the grammar of tenantd's lists. */

/**
 * A filter of react-admin as parameters. The name of a field may say an operator after an `@`: `{'name@ilike': '*a*'}`;
 * without one a value is compared with `eq`, a list with `in`, and null with `is`. The operator `has` is for people: it
 * finds the texts that contain the value, in capitals or not.
 */
export function filterParams(filter: Record<string, unknown>, params = new URLSearchParams()): URLSearchParams {
	for (const [key, value] of Object.entries(filter)) {
		if (value === undefined || value === '') continue
		const at = key.indexOf('@')
		const column = at < 0 ? key : key.slice(0, at)
		const operator = at < 0 ? undefined : key.slice(at + 1)
		params.append(column, operand(operator, value))
	}
	return params
}

function operand(operator: string | undefined, value: unknown): string {
	if (Array.isArray(value)) return `${operator ?? 'in'}.(${value.map(quoted).join(',')})`
	if (value === null) return 'is.null'
	if (operator === 'has') return `ilike.${containing(String(value))}`
	return `${operator ?? 'eq'}.${String(value)}`
}

const quoted = (value: unknown): string => `"${String(value).replace(/[\\"]/g, '\\$&')}"`

/** The address of the next page, or undefined: `Link: </v1/…>; rel="next"`. */
export function nextPage(headers: Headers): string | undefined {
	return /<([^>]*)>\s*;\s*rel="?next"?/.exec(headers.get('Link') ?? '')?.[1]
}

/** The number of all rows where it was counted: `Content-Range: 0-24/3573`. */
export function countOf(headers: Headers): number | undefined {
	const match = /\/(\d+)$/.exec(headers.get('Content-Range') ?? '')
	return match ? Number(match[1]) : undefined
}

/** A text that `like` takes as it is: its own wildcards lose their meaning. */
export const containing = (text: string): string => `*${text.replace(/[\\%_*]/g, (c) => (c === '*' ? '_' : `\\${c}`))}*`
