/** Who one is, and the ways out; the same on every page. */
import AccountCircle from '@mui/icons-material/AccountCircleOutlined'
import Logout from '@mui/icons-material/LogoutOutlined'
import Divider from '@mui/material/Divider'
import IconButton from '@mui/material/IconButton'
import MenuItem from '@mui/material/MenuItem'
import Tooltip from '@mui/material/Tooltip'
import Typography from '@mui/material/Typography'
import { useNavigate } from 'react-router-dom'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { languageItems } from './LanguageButton'
import { MenuButton } from './MenuButton'
import { showShortcuts } from './showShortcuts'

export function AccountMenu({ hasKeys }: { hasKeys?: boolean }) {
	const text = useText()
	const go = useNavigate()
	const { me, signOut } = useSession()
	if (!me) return null
	const { user } = me
	const items = (close: () => void) => {
		const item = (key: Parameters<typeof text>[0], act: () => void) => (
			<MenuItem
				key={key}
				onClick={() => {
					close()
					act()
				}}
			>
				{text(key)}
			</MenuItem>
		)
		return [
			<Typography key="who" component="li" role="presentation" variant="body2" color="textSecondary" sx={{ px: 2, py: 1 }}>
				{user.name ?? user.email}
			</Typography>,
			item('account.title', () => go('/account')),
			item('tenants.title', () => go('/tenants')),
			user.system_admin && item('system.title', () => go('/system')),
			hasKeys && item('keyboard.menu', showShortcuts),
			<Divider key="languages" component="li" />,
			languageItems(),
		]
	}
	return (
		<>
			<MenuButton name={text('account.menu')} hint={user.email ?? text('account.title')} icon={<AccountCircle fontSize="small" />}>
				{items}
			</MenuButton>
			<Tooltip title={text('act.sign_out')}>
				<IconButton size="small" color="inherit" aria-label={text('act.sign_out')} onClick={() => void signOut()}>
					<Logout fontSize="small" />
				</IconButton>
			</Tooltip>
		</>
	)
}
