/** What this browser remembers between visits: choices of looks and places, never a secret. */
export type Memory = 'keys' | 'language' | 'mode' | 'tenant' | 'env' | 'session'

export function remembered(what: Memory): string | null {
	try {
		return localStorage.getItem(`tenantd.${what}`)
	} catch {
		return null // a browser may forbid it
	}
}

export function forget(what: Memory): void {
	try {
		localStorage.removeItem(`tenantd.${what}`)
	} catch {
		// then there was nothing
	}
}

export function remember(what: Memory, value: string): void {
	try {
		localStorage.setItem(`tenantd.${what}`, value)
	} catch {
		// then it is not remembered
	}
}
