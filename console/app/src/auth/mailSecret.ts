/** The secret of a mail's link stands behind `#token=`; it is taken from the address before anything else happens. */
import { type Client, TenantdError } from 'ra-data-tenantd'
import { useState } from 'react'
import { envsToTry } from './envs'

function takeFromAddress(): string | null {
	const token = new URLSearchParams(location.hash.slice(1)).get('token')
	if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
	return token
}

// Taken as soon as the program is there, before any page is made, and kept for the page that needs it.
let taken = takeFromAddress()

export function useMailSecret(): string | null {
	const [secret] = useState(() => {
		taken = takeFromAddress() ?? taken // a second link may be opened without loading the program again
		return taken
	})
	return secret
}

export function forgetMailSecret(): void {
	taken = null
}

/** Sends the secret to the env that knows it. */
export async function spend(client: Client, path: string, body: Record<string, unknown>): Promise<void> {
	let refusal: unknown
	for (const env of await envsToTry()) {
		try {
			await client.ask(path, { method: 'POST', body, env, plain: true })
			forgetMailSecret()
			return
		} catch (error) {
			const isElsewhere = error instanceof TenantdError && (error.status === 404 || error.code === 'env_not_allowed')
			if (!isElsewhere) throw error
			refusal ??= error
		}
	}
	throw refusal
}
