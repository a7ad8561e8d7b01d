/** Where one is and as what: it stands on every page of a tenant and leads to the other tenants. */
import UnfoldMore from '@mui/icons-material/UnfoldMore'
import Box from '@mui/material/Box'
import ButtonBase from '@mui/material/ButtonBase'
import { Link } from 'react-router-dom'
import { useText } from '../messages'
import type { Membership } from '../session/types'
import { EnvChip } from './EnvChip'
import { useRoleName } from './labels'

export function ContextBadge({ membership: m }: { membership: Membership }) {
	const text = useText()
	const roleName = useRoleName()
	return (
		<ButtonBase
			component={Link}
			to="/tenants"
			data-testid="context-badge"
			title={text('tenants.switch')}
			sx={{ gap: 1, px: 1, py: 0.5, borderRadius: 1, minWidth: 0, '&:hover': { bgcolor: 'action.hover' } }}
		>
			<Box component="span" sx={{ fontWeight: 600, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
				{m.name}
			</Box>
			<Box component="span" sx={{ color: 'text.secondary', whiteSpace: 'nowrap', display: { xs: 'none', sm: 'inline' } }}>
				{roleName(m.role)}
			</Box>
			<EnvChip env={m.env} />
			<UnfoldMore sx={{ fontSize: 16, color: 'text.secondary' }} />
		</ButtonBase>
	)
}
