/** Who is signed in, by the cookie session. */
import type { AuthProvider } from 'ra-core'
import type { Client } from './client.js'
import { TenantdError } from './problem.js'

export interface Access {
	action: string
	resource: string
}

export interface AuthOptions {
	client: Client
	/** What the caller may do with a resource; everything when it is left out, and tenantd refuses what is not allowed. */
	mayDo?: (access: Access) => boolean
	/** The address of the page to go to after signing out or when nobody is signed in. */
	signInPage?: string
	/** The env of those who sign in by react-admin's own form. */
	env?: string
}

interface Me {
	user: { id: string | null; email: string | null; name: string | null }
	role: string | null
}

export function createAuthProvider({ client, mayDo, signInPage = '/login', env }: AuthOptions): AuthProvider {
	const me = () => client.get<Me>('/v1/auth/me')
	return {
		login: async ({ username, email, password }) => {
			await client.ask('/v1/auth/login', {
				method: 'POST',
				body: { email: email ?? username, password, cookie: true },
				env,
				tenant: null,
				plain: true,
			})
		},
		logout: async () => {
			try {
				await client.ask('/v1/auth/logout', { method: 'POST', body: {}, tenant: null, plain: true })
			} catch (error) {
				if (!(error instanceof TenantdError && error.status === 401)) throw error
			}
			return signInPage
		},
		checkAuth: async () => {
			await me()
		},
		/** The client has asked for a new sign-in at a 401 already, so that one which comes here ends the session. */
		checkError: async (error: { status?: number }) => {
			if (error.status === 401) throw error
		},
		getIdentity: async () => {
			const { user } = await me()
			return { id: user.id ?? '', fullName: user.name ?? user.email ?? undefined, email: user.email }
		},
		getPermissions: async () => (await me()).role,
		canAccess: async (access) => (mayDo ? mayDo(access as Access) : true),
	}
}
