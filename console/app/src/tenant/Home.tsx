import { Navigate } from 'react-router-dom'
import { useMe } from '../session/Session'
import { remembered } from '../ui/remembered'

/** Where somebody goes who only asked for the console: to the last tenant, the only one, or the choice of them. */
export function Home() {
	const { memberships, user } = useMe()
	const last = memberships.find((m) => m.slug === remembered('tenant'))
	const only = memberships.length === 1 ? memberships[0] : undefined
	const tenant = last ?? only
	if (tenant) return <Navigate to={`/t/${tenant.slug}`} replace />
	return <Navigate to={user.system_admin && memberships.length === 0 ? '/system' : '/tenants'} replace />
}
