/** The first page of a tenant: what waits, what happened, and the way to the rows. */
import Box from '@mui/material/Box'
import Card from '@mui/material/Card'
import CardActionArea from '@mui/material/CardActionArea'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import { useCallback } from 'react'
import { Link as RouterLink } from 'react-router-dom'
import { Title, useCreatePath } from 'react-admin'
import { EventLine } from '../audit/EventLine'
import type { AuditEvent } from '../audit/types'
import { useText } from '../messages'
import { useCatalog } from '../rows/Catalog'
import { rowsOf, titleOf } from '../rows/catalog'
import { isAtLeast } from '../session/types'
import { Offers } from '../members/Offers'
import { Link } from '../ui/Link'
import { Told } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { useTenant } from './Tenant'

const RECENT = 8

export function Overview() {
	const text = useText()
	const { membership } = useTenant()
	const isAdmin = isAtLeast(membership.role, 'tenant_admin')
	return (
		<Stack sx={{ gap: 3, py: 1.5, px: { xs: 1, sm: 0 } }}>
			<Title title={membership.name} />
			{membership.tenant_status === 'onboarding' && <Told severity="info">{text('overview.onboarding')}</Told>}
			<Offers />
			{isAdmin && <Waiting />}
			<Tables />
			{isAdmin && <Recent />}
		</Stack>
	)
}

/** Who asks to join is told first, because somebody waits. */
function Waiting() {
	const text = useText()
	const pathOf = useCreatePath()
	const { client } = useTenant()
	const { data } = useLoad(useCallback(() => client.get<unknown[]>('/v1/join-requests', { limit: 100 }), [client]))
	if (!data?.length) return null
	return (
		<Told severity="warning">
			{text('overview.requests', { count: data.length })} <Link to={pathOf({ resource: 'requests', type: 'list' })}>{text('overview.decide')}</Link>
		</Told>
	)
}

function Tables() {
	const text = useText()
	const catalog = useCatalog()
	const pathOf = useCreatePath()
	if (catalog.length === 0) return null
	return (
		<section>
			<Typography variant="h2" sx={{ mb: 1.25 }}>
				{text('menu.data')}
			</Typography>
			<Box sx={{ display: 'grid', gap: 1.25, gridTemplateColumns: 'repeat(auto-fill, minmax(min(200px, 44%), 1fr))' }}>
				{catalog.map((r) => (
					<Card key={r.name}>
						<CardActionArea component={RouterLink} to={pathOf({ resource: rowsOf(r.name), type: 'list' })} sx={{ px: 1.75, py: 1.25 }}>
							<Typography sx={{ fontWeight: 600 }}>{titleOf(r.name)}</Typography>
							<Typography variant="body2" color="text.secondary">
								{text(r.roles.create ? 'overview.table' : 'overview.view')}
							</Typography>
						</CardActionArea>
					</Card>
				))}
			</Box>
		</section>
	)
}

function Recent() {
	const text = useText()
	const pathOf = useCreatePath()
	const { client } = useTenant()
	const { data } = useLoad(useCallback(() => client.get<AuditEvent[]>('/v1/audit', { limit: RECENT }), [client]))
	return (
		<section>
			<Stack direction="row" sx={{ alignItems: 'baseline', justifyContent: 'space-between', mb: 1.25 }}>
				<Typography variant="h2">{text('overview.recent')}</Typography>
				<Link to={pathOf({ resource: 'audit', type: 'list' })}>{text('overview.all')}</Link>
			</Stack>
			<Card component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
				{data?.map((event) => (
					<EventLine key={event.id} event={event} />
				))}
			</Card>
		</section>
	)
}
