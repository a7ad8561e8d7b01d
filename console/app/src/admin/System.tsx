/** The pages of system administrators, who act on tenants from outside. */
import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Tenants from '@mui/icons-material/ApartmentOutlined'
import Audit from '@mui/icons-material/ManageSearchOutlined'
import Home from '@mui/icons-material/HomeOutlined'
import Users from '@mui/icons-material/GroupOutlined'
import { createDataProvider, type Place } from 'ra-data-tenantd'
import { useMemo } from 'react'
import { Resource } from 'react-admin'
import { Navigate } from 'react-router-dom'
import { useText } from '../messages'
import { useMe, useSession } from '../session/Session'
import { useAuth } from '../session/useAuth'
import { EnvChip } from '../tenant/EnvChip'
import { Nav } from '../ui/Nav'
import { Shell } from '../ui/Shell'
import { SystemHome } from './SystemHome'
import { SystemTenantCreate } from './TenantCreate'
import { SystemTenantList } from './TenantList'
import { SystemTenantShow } from './TenantShow'
import { SystemAudit } from './SystemEvents'
import { SystemUserList } from './UserList'
import { SystemUserShow } from './UserShow'

const PLACES: Record<string, Place> = {
	tenants: { path: '/v1/admin/tenants', key: 'id', kind: 'entries', single: true },
	users: { path: '/v1/admin/users', key: 'id', kind: 'entries', single: true },
	audit: { path: '/v1/admin/audit', key: 'id', kind: 'entries' },
}
/** The lists of one tenant: `tenants/ID/members`. */
const OF_TENANT: Record<string, string> = { members: 'user_id', audit: 'id' }

function place(resource: string): Place {
	const [, tenant, list = ''] = /^tenants\/([^/]+)\/(\w+)$/.exec(resource) ?? []
	const key = OF_TENANT[list]
	const found = tenant && key ? ({ path: `/v1/admin/tenants/${tenant}/${list}`, key, kind: 'entries' } as const) : PLACES[resource]
	if (!found) throw new Error(`no resource '${resource}'`)
	return found
}

export default function System() {
	const { client } = useSession()
	const { user } = useMe()
	const dataProvider = useMemo(() => createDataProvider({ client, place }), [client])
	const authProvider = useAuth(client)
	const text = useText()
	if (!user.system_admin) return <Navigate to="/tenants" replace />
	return (
		<Shell
			name={text('system.title')}
			basename="/system"
			memory="system"
			dataProvider={dataProvider}
			authProvider={authProvider}
			badge={<Badge />}
			menu={<SystemMenu />}
			band={<Band />}
			dashboard={SystemHome}
		>
			<Resource name="tenants" list={SystemTenantList} create={SystemTenantCreate} edit={SystemTenantShow} />
			<Resource name="users" list={SystemUserList} edit={SystemUserShow} />
			<Resource name="audit" list={SystemAudit} />
		</Shell>
	)
}

function Badge() {
	const text = useText()
	const { env } = useMe()
	return (
		<Box data-testid="context-badge" sx={{ display: 'flex', gap: 1, alignItems: 'center', px: 1, fontWeight: 600 }}>
			{text('system.title')}
			<EnvChip env={env} />
		</Box>
	)
}

function Band() {
	const text = useText()
	return (
		<Alert severity="warning" variant="outlined" sx={{ mt: 2 }}>
			{text('system.band')}
		</Alert>
	)
}

function SystemMenu() {
	const text = useText()
	return (
		<Nav
			label={text('menu.label')}
			groups={[
				{
					items: [
						{ to: '/system', name: text('overview.title'), go: 'o', icon: <Home />, exact: true },
						{ to: '/system/tenants', name: text('system.tenants'), go: 't', icon: <Tenants /> },
						{ to: '/system/users', name: text('system.users'), go: 'u', icon: <Users /> },
						{ to: '/system/audit', name: text('audit.title'), go: 'a', icon: <Audit /> },
					],
				},
			]}
		/>
	)
}
