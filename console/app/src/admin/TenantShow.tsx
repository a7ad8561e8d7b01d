import Box from '@mui/material/Box'
import Divider from '@mui/material/Divider'
import Typography from '@mui/material/Typography'
import { Show, TopToolbar, useRecordContext } from 'react-admin'
import { useText } from '../messages'
import { Line, Lines } from '../rows/Lines'
import { StatusChip } from '../tenant/labels'
import { momentOf } from '../ui/when'
import { TenantActs } from './TenantActs'
import { TenantEvents } from './TenantEvents'
import { TenantMembers } from './TenantMembers'
import type { SystemTenant } from './types'

export function SystemTenantShow() {
	return (
		<Show disableAuthentication title={<Name />} actions={<TopToolbar><TenantActs /></TopToolbar>}>
			<Facts />
		</Show>
	)
}

function Name() {
	const tenant = useRecordContext<SystemTenant>()
	return <>{tenant?.name}</>
}

function Facts() {
	const text = useText()
	const tenant = useRecordContext<SystemTenant>()
	if (!tenant) return null
	return (
		<Box sx={{ p: { xs: 2, sm: 3 } }}>
			<Lines>
				<Line name={text('field.status')}>
					<StatusChip status={tenant.status} />
				</Line>
				<Line name={text('field.slug')}>{tenant.slug}</Line>
				<Line name={text('tenant.organization_name')}>{tenant.organization_name}</Line>
				<Line name={text('tenant.country')}>{tenant.country}</Line>
				<Line name={text('tenant.legal_name')}>{tenant.legal_name}</Line>
				<Line name={text('tenant.contact_email')}>{tenant.contact_email}</Line>
				<Line name={text('tenant.postal_address')}>{tenant.postal_address}</Line>
				<Line name={text('system.created')}>{momentOf(tenant.created_at)}</Line>
				{tenant.reopen_until && <Line name={text('system.reopen_until')}>{momentOf(tenant.reopen_until)}</Line>}
				<Line name="ID">{tenant.id}</Line>
			</Lines>
			<Divider sx={{ my: 3 }} />
			<Heading>{text('members.title')}</Heading>
			<TenantMembers tenant={tenant} />
			<Divider sx={{ my: 3 }} />
			<Heading>{text('audit.title')}</Heading>
			<TenantEvents tenant={tenant} />
		</Box>
	)
}

const Heading = ({ children }: { children: string }) => (
	<Typography variant="h2" sx={{ mb: 1 }}>
		{children}
	</Typography>
)
