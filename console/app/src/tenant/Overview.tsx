/** The first page of a tenant: what waits, what happened, and the way to the rows. */
import Card from '@mui/material/Card'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import { lazy, Suspense, useCallback } from 'react'
import { Title, useCreatePath } from 'react-admin'
import { EventLine } from '../audit/EventLine'
import type { AuditEvent } from '../audit/types'
import { useText } from '../messages'
import { isAtLeast } from '../session/types'
import { Offers } from '../members/Offers'
import { Link } from '../ui/Link'
import { Told } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { Tables } from './Tables'
import { useTenant } from './Tenant'

const RECENT = 8

const Activity = lazy(() => import('../charts/Activity'))

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
			{isAdmin && (
				<Suspense fallback={null}>
					<Activity />
				</Suspense>
			)}
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
