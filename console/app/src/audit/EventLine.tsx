import Stack from '@mui/material/Stack'
import Tooltip from '@mui/material/Tooltip'
import Typography from '@mui/material/Typography'
import { agoOf, momentOf } from '../ui/when'
import { Actor } from './Actor'
import { actionName, type AuditEvent } from './types'

/** One event in a short list. */
export const EventLine = ({ event }: { event: AuditEvent }) => (
	<Stack component="li" direction="row" sx={{ px: 1.75, py: 1, gap: 2, alignItems: 'baseline', '& + &': { borderTop: 1, borderColor: 'divider' } }}>
		<Typography sx={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
			{actionName(event.action)}
			{event.code && <Typography component="span" color="textSecondary">{` · ${event.code}`}</Typography>}
		</Typography>
		<Typography color="textSecondary" sx={{ flexShrink: 0, display: { xs: 'none', sm: 'block' } }}>
			<Actor event={event} />
		</Typography>
		<Tooltip title={momentOf(event.at)}>
			<Typography component="time" dateTime={event.at} color="textSecondary" sx={{ flexShrink: 0, minWidth: 96, textAlign: 'right' }}>
				{agoOf(event.at)}
			</Typography>
		</Tooltip>
	</Stack>
)
