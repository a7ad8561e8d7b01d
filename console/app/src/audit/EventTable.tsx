/** Events, newest first, the same for a tenant's own people and for system administration. */
import Box from '@mui/material/Box'
import Chip from '@mui/material/Chip'
import Stack from '@mui/material/Stack'
import Tooltip from '@mui/material/Tooltip'
import type { ReactNode } from 'react'
import { DataTable } from 'react-admin'
import { useText } from '../messages'
import { Col } from '../ui/Col'
import { momentOf } from '../ui/when'
import { Actor } from './Actor'
import { type LinkOf, ObjectName } from './ObjectName'
import { actionName, type AuditEvent } from './types'

export function EventTable<E extends AuditEvent>({ linkOf, tenantOf }: { linkOf: LinkOf; tenantOf?: (event: E) => ReactNode }) {
	const text = useText()
	return (
		<DataTable bulkActionButtons={false} rowClick={false}>
			<Col label={text('audit.at')} disableSort render={(e: E) => <Moment at={e.at} />} />
			{tenantOf && <Col label={text('system.tenant')} disableSort render={tenantOf} />}
			<Col label={text('audit.actor')} disableSort render={(e: E) => <Actor event={e} />} />
			<Col card="title" label={text('audit.action')} disableSort render={(e: E) => <What event={e} />} />
			<Col label={text('audit.object')} disableSort render={(e: E) => <ObjectName event={e} linkOf={linkOf} />} />
			<Col label={text('audit.fields')} disableSort render={(e: E) => (e.fields ?? []).join(', ')} />
		</DataTable>
	)
}

const Moment = ({ at }: { at: string }) => (
	<Box component="time" dateTime={at} sx={{ whiteSpace: 'nowrap' }}>
		{momentOf(at)}
	</Box>
)

function What({ event }: { event: AuditEvent }) {
	return (
		<Tooltip title={[event.route, event.trace_id].filter(Boolean).join(' · ')}>
			<Stack direction="row" sx={{ gap: 0.75, alignItems: 'center', flexWrap: 'wrap' }}>
				<span>{actionName(event.action)}</span>
				{event.code && <Chip color="error" variant="outlined" label={event.count > 1 ? `${event.code} × ${event.count}` : event.code} />}
				{event.reason && <span>“{event.reason}”</span>}
			</Stack>
		</Tooltip>
	)
}
