/** Who one is, and the ways out; the same on every page. */
import AccountCircle from '@mui/icons-material/AccountCircleOutlined'
import Logout from '@mui/icons-material/LogoutOutlined'
import Divider from '@mui/material/Divider'
import IconButton from '@mui/material/IconButton'
import Menu from '@mui/material/Menu'
import MenuItem from '@mui/material/MenuItem'
import Tooltip from '@mui/material/Tooltip'
import Typography from '@mui/material/Typography'
import { useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { languageItems } from './LanguageButton'
import { showShortcuts } from './showShortcuts'

export function AccountMenu({ hasKeys }: { hasKeys?: boolean }) {
	const text = useText()
	const go = useNavigate()
	const { me, signOut } = useSession()
	const [anchor, setAnchor] = useState<HTMLElement | null>(null)
	if (!me) return null
	const { user } = me
	const open = (to: string) => () => {
		setAnchor(null)
		go(to)
	}
	const openKeys = () => {
		setAnchor(null)
		showShortcuts()
	}
	return (
		<>
			<Tooltip title={user.email ?? text('account.title')}>
				<IconButton
					size="small"
					color="inherit"
					aria-label={text('account.menu')}
					aria-haspopup="menu"
					aria-expanded={anchor !== null}
					onClick={(event) => setAnchor(event.currentTarget)}
				>
					<AccountCircle fontSize="small" />
				</IconButton>
			</Tooltip>
			<Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
				<Typography component="li" role="presentation" variant="body2" color="textSecondary" sx={{ px: 2, py: 1 }}>
					{user.name ?? user.email}
				</Typography>
				<MenuItem onClick={open('/account')}>{text('account.title')}</MenuItem>
				<MenuItem onClick={open('/tenants')}>{text('tenants.title')}</MenuItem>
				{user.system_admin && <MenuItem onClick={open('/system')}>{text('system.title')}</MenuItem>}
				{hasKeys && <MenuItem onClick={openKeys}>{text('keyboard.menu')}</MenuItem>}
				<Divider component="li" />
				{languageItems()}
			</Menu>
			<Tooltip title={text('act.sign_out')}>
				<IconButton size="small" color="inherit" aria-label={text('act.sign_out')} onClick={() => void signOut()}>
					<Logout fontSize="small" />
				</IconButton>
			</Tooltip>
		</>
	)
}
