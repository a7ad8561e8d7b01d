import Audit from '@mui/icons-material/ManageSearchOutlined'
import Home from '@mui/icons-material/HomeOutlined'
import Invitations from '@mui/icons-material/MailOutlined'
import Members from '@mui/icons-material/GroupOutlined'
import Requests from '@mui/icons-material/HowToRegOutlined'
import Settings from '@mui/icons-material/SettingsOutlined'
import TableIcon from '@mui/icons-material/TableRowsOutlined'
import { Menu, useCreatePath } from 'react-admin'
import { useText } from '../messages'
import { useCatalog } from '../rows/Catalog'
import { rowsOf, titleOf } from '../rows/catalog'
import { MenuGroup } from '../ui/MenuGroup'

const LISTS = [
	{ name: 'invitations', icon: <Invitations /> },
	{ name: 'requests', icon: <Requests /> },
	{ name: 'audit', icon: <Audit /> },
	{ name: 'settings', icon: <Settings /> },
] as const

export function TenantMenu({ isAdmin }: { isAdmin: boolean }) {
	const text = useText()
	const pathOf = useCreatePath()
	const to = (resource: string) => pathOf({ resource, type: 'list' })
	const catalog = useCatalog()
	return (
		<Menu>
			<Menu.DashboardItem primaryText={text('overview.title')} leftIcon={<Home />} />
			<MenuGroup title={text('menu.tenant')} />
			<Menu.Item to={to('members')} primaryText={text('members.title')} leftIcon={<Members />} />
			{isAdmin && LISTS.map(({ name, icon }) => <Menu.Item key={name} to={to(name)} primaryText={text(`${name}.title`)} leftIcon={icon} />)}
			{catalog.length > 0 && <MenuGroup title={text('menu.data')} />}
			{catalog.map((r) => (
				<Menu.Item key={r.name} to={to(rowsOf(r.name))} primaryText={titleOf(r.name)} leftIcon={<TableIcon />} />
			))}
		</Menu>
	)
}
