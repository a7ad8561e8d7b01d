import Box from '@mui/material/Box'
import { Show, TabbedShowLayout, TopToolbar, useRecordContext } from 'react-admin'
import { useText } from '../messages'
import { Line, Lines } from '../rows/Lines'
import { StatusChip } from '../tenant/labels'
import { momentOf } from '../ui/when'
import { EventsOfTenant } from './SystemEvents'
import { TenantActs } from './TenantActs'
import { TenantMembers } from './TenantMembers'
import type { SystemTenant } from './types'

export function SystemTenantShow() {
	const text = useText()
	return (
		<Show disableAuthentication title={<Name />} actions={<TopToolbar><TenantActs /></TopToolbar>}>
			<TabbedShowLayout>
				<TabbedShowLayout.Tab label={text('overview.title')}>
					<Facts />
				</TabbedShowLayout.Tab>
				<TabbedShowLayout.Tab label={text('members.title')} path="members">
					<TenantMembers />
				</TabbedShowLayout.Tab>
				<TabbedShowLayout.Tab label={text('audit.title')} path="audit">
					<Events />
				</TabbedShowLayout.Tab>
			</TabbedShowLayout>
		</Show>
	)
}

function Name() {
	const tenant = useRecordContext<SystemTenant>()
	return <>{tenant?.name}</>
}

function Events() {
	const tenant = useRecordContext<SystemTenant>()
	return tenant ? <EventsOfTenant id={tenant.id} /> : null
}

/** What its people say of it, or do not. */
const GIVEN = ['organization_name', 'country', 'legal_name', 'contact_email', 'postal_address'] as const

function Facts() {
	const text = useText()
	const tenant = useRecordContext<SystemTenant>()
	if (!tenant) return null
	return (
		<Box sx={{ p: { xs: 1, sm: 2 } }}>
			<Lines>
				<Line name={text('field.status')}>
					<StatusChip status={tenant.status} />
				</Line>
				<Line name={text('field.slug')}>{tenant.slug}</Line>
				<Line name={text('members.title')}>{tenant.members}</Line>
				{GIVEN.map((name) => (
					<Line key={name} name={text(`tenant.${name}`)}>
						{tenant[name] || <Box sx={{ color: 'text.secondary' }}>{text('field.empty')}</Box>}
					</Line>
				))}
				<Line name={text('system.created')}>{momentOf(tenant.created_at)}</Line>
				{tenant.reopen_until && <Line name={text('system.reopen_until')}>{momentOf(tenant.reopen_until)}</Line>}
				<Line name="ID">{tenant.id}</Line>
			</Lines>
		</Box>
	)
}
