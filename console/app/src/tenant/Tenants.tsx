/** The choice of tenants: those one belongs to, those that wait, and the way to others. */
import List from '@mui/material/List'
import ListItem from '@mui/material/ListItem'
import ListItemButton from '@mui/material/ListItemButton'
import ListItemText from '@mui/material/ListItemText'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import { useState } from 'react'
import { Link as RouterLink } from 'react-router-dom'
import { useText } from '../messages'
import { useMe } from '../session/Session'
import type { Membership } from '../session/types'
import { AccountMenu } from '../ui/AccountMenu'
import { Field } from '../ui/Field'
import { Link } from '../ui/Link'
import { Page } from '../ui/Page'
import { EnvChip } from './EnvChip'
import { Invited } from './Invited'
import { Joinable } from './Joinable'
import { StatusChip, useRoleName } from './labels'

const SEARCH_FROM = 6

export default function Tenants() {
	const text = useText()
	const { memberships, invitations } = useMe()
	const [search, setSearch] = useState('')
	const wanted = search.toLowerCase()
	const shown = memberships.filter((m) => `${m.name} ${m.slug}`.toLowerCase().includes(wanted))
	return (
		<Page title={text('tenants.title')} wide corner={<AccountMenu />} footer={<Link to="/join">{text('tenants.join')}</Link>}>
			<Stack sx={{ gap: 2 }}>
				{invitations.map((invitation) => (
					<Invited key={invitation.id} invitation={invitation} />
				))}
				<Joinable />
				{memberships.length >= SEARCH_FROM && (
					<Field name="search" type="search" label={text('act.search')} value={search} onChange={setSearch} autoFocus />
				)}
				{memberships.length === 0 && <Typography color="textSecondary">{text('tenants.none')}</Typography>}
				{memberships.length > 0 && shown.length === 0 && <Typography color="textSecondary">{text('tenants.not_found')}</Typography>}
				<List disablePadding sx={{ mx: -1 }}>
					{shown.map((m) => (
						<TenantLine key={m.tenant_id} membership={m} />
					))}
				</List>
			</Stack>
		</Page>
	)
}

function TenantLine({ membership: m }: { membership: Membership }) {
	const roleName = useRoleName()
	const status = m.status === 'active' ? m.tenant_status : m.status
	return (
		<ListItem disablePadding>
			<ListItemButton component={RouterLink} to={`/t/${m.slug}`} sx={{ borderRadius: 1, gap: 1.5, px: 1 }}>
				<ListItemText primary={m.name} secondary={m.status === 'active' ? `${m.slug} · ${roleName(m.role)}` : m.slug} />
				{status !== 'active' && <StatusChip status={status} />}
				<EnvChip env={m.env} />
			</ListItemButton>
		</ListItem>
	)
}
