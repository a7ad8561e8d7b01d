/** In place of the package query-string: what the address of a list says of its filters, order and page. */
type Values = Record<string, unknown>

export const parse = (text: string): Values => Object.fromEntries(new URLSearchParams(text))

export function stringify(values: Values): string {
	const named = Object.entries(values).filter(([, value]) => value !== undefined && value !== null)
	return named.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`).join('&')
}
