/** react-admin's view of the session. The session itself is looked after around it, so it need not ask at every page. */
import { type Access, type Client, createAuthProvider } from 'ra-data-tenantd'
import { useMemo } from 'react'
import type { AuthProvider } from 'react-admin'
import { useSession } from './Session'

export function useAuth(client: Client, mayDo?: (access: Access) => boolean): AuthProvider {
	const { signOut } = useSession()
	return useMemo(
		() => ({ ...createAuthProvider({ client, mayDo }), checkAuth: async () => undefined, logout: async () => void (await signOut()) }),
		[client, mayDo, signOut],
	)
}
