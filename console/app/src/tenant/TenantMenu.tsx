import Audit from '@mui/icons-material/ManageSearchOutlined'
import Domains from '@mui/icons-material/LanguageOutlined'
import Home from '@mui/icons-material/HomeOutlined'
import Invitations from '@mui/icons-material/MailOutlined'
import Members from '@mui/icons-material/GroupOutlined'
import Requests from '@mui/icons-material/HowToRegOutlined'
import Settings from '@mui/icons-material/SettingsOutlined'
import TableIcon from '@mui/icons-material/TableRowsOutlined'
import ViewIcon from '@mui/icons-material/VisibilityOutlined'
import { useBasename } from 'react-admin'
import { useText } from '../messages'
import { useCatalog } from '../rows/Catalog'
import { rowsOf } from '../rows/catalog'
import { Nav } from '../ui/Nav'

const FOR_ADMINS = [
	{ name: 'invitations', go: 'i', icon: <Invitations /> },
	{ name: 'requests', go: 'r', icon: <Requests /> },
	{ name: 'domains', go: 'd', icon: <Domains /> },
	{ name: 'audit', go: 'a', icon: <Audit /> },
	{ name: 'settings', go: 's', icon: <Settings /> },
] as const

export function TenantMenu({ isAdmin }: { isAdmin: boolean }) {
	const text = useText()
	const base = useBasename()
	const catalog = useCatalog()
	const admins = isAdmin ? FOR_ADMINS.map(({ name, go, icon }) => ({ to: `${base}/${name}`, name: text(`${name}.title`), go, icon })) : []
	const tables = catalog.map((r) => ({ to: `${base}/${rowsOf(r.name)}`, name: r.title, icon: r.read_only ? <ViewIcon /> : <TableIcon /> }))
	return (
		<Nav
			label={text('menu.label')}
			groups={[
				{ items: [{ to: base, name: text('overview.title'), go: 'o', icon: <Home />, exact: true }] },
				{ title: text('menu.tenant'), items: [{ to: `${base}/members`, name: text('members.title'), go: 'm', icon: <Members /> }, ...admins] },
				{ title: text('menu.data'), items: tables },
			]}
		/>
	)
}
