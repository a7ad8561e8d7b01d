import { AutocompleteInput, DataTable, DateTimeInput, ExportButton, FilterButton, ReferenceInput, TextInput, TopToolbar } from 'react-admin'
import Chip from '@mui/material/Chip'
import Stack from '@mui/material/Stack'
import Tooltip from '@mui/material/Tooltip'
import type { Member } from '../members/types'
import { useText } from '../messages'
import { Col } from '../ui/Col'
import { csvOf, download } from '../ui/csv'
import { EntryList } from '../ui/EntryList'
import { momentOf } from '../ui/when'
import { Actor } from './Actor'
import { ObjectLink } from './ObjectLink'
import { actionName, type AuditEvent } from './types'

const EXPORTED = ['at', 'action', 'actor_kind', 'actor_id', 'actor_label', 'object_type', 'object_id', 'fields', 'code', 'count', 'route', 'trace_id', 'reason']
const EXPORTED_MAX = 10000

const toInstant = (value: string) => (value ? new Date(value).toISOString() : value)

function useFilters() {
	const text = useText()
	return [
		<TextInput key="action" alwaysOn source="action" label={text('audit.action')} />,
		<ReferenceInput key="actor" source="actor" reference="members" label={text('audit.actor')} alwaysOn>
			<AutocompleteInput label={text('audit.actor')} optionText={(m: Member) => m.name ?? m.email ?? ''} filterToQuery={() => ({})} />
		</ReferenceInput>,
		<TextInput key="object" source="object" label={text('audit.object')} />,
		<DateTimeInput key="since" source="since" label={text('audit.since')} parse={toInstant} />,
		<DateTimeInput key="until" source="until" label={text('audit.until')} parse={toInstant} />,
	]
}

export function AuditList() {
	const text = useText()
	return (
		<EntryList
			title={text('audit.title')}
			filters={useFilters()}
			actions={<Actions />}
			exporter={(rows) => download('audit.csv', csvOf(EXPORTED, rows))}
		>
			<DataTable bulkActionButtons={false} rowClick={false}>
				<Col label={text('audit.at')} disableSort render={(e: AuditEvent) => <time dateTime={e.at}>{momentOf(e.at)}</time>} />
				<Col label={text('audit.actor')} disableSort render={(e: AuditEvent) => <Actor event={e} />} />
				<Col card="title" label={text('audit.action')} disableSort render={(e: AuditEvent) => <What event={e} />} />
				<Col label={text('audit.object')} disableSort render={(e: AuditEvent) => <ObjectLink event={e} />} />
				<Col label={text('audit.fields')} disableSort render={(e: AuditEvent) => (e.fields ?? []).join(', ')} />
			</DataTable>
		</EntryList>
	)
}

const Actions = () => (
	<TopToolbar>
		<FilterButton />
		<ExportButton maxResults={EXPORTED_MAX} />
	</TopToolbar>
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
