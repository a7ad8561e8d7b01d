import { Navigate, Outlet, useLocation } from 'react-router-dom'
import { RightEnv } from './RightEnv'
import { useSession } from './Session'

/** Whoever is not signed in does that first and comes back to the page that they asked for. */
export function RequireSession() {
	const { me } = useSession()
	const { pathname, search } = useLocation()
	if (me)
		return (
			<RightEnv>
				<Outlet />
			</RightEnv>
		)
	const next = pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + search)}`
	return <Navigate to={`/signin${next}`} replace />
}
