import { useSearchParams } from 'react-router-dom'

/** Where to go after signing in: a page of the console, and nothing else that an address may name. */
export function useNext(): string {
	const next = useSearchParams()[0].get('next') ?? '/'
	return /^\/(?![/\\])/.test(next) ? next : '/'
}
