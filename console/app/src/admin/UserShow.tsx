/** One user: who they are, every tenant that they belong to or did, and what they did last. */
import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import { Show, TabbedShowLayout, useRecordContext } from 'react-admin'
import { useText } from '../messages'
import { Line, Lines } from '../rows/Lines'
import { momentOf } from '../ui/when'
import { EventsByUser } from './SystemEvents'
import { nameOfUser, type SystemUser } from './types'
import { UserMemberships } from './UserMemberships'

export function SystemUserShow() {
	const text = useText()
	return (
		<Show disableAuthentication title={<Name />} actions={false}>
			<TabbedShowLayout>
				<TabbedShowLayout.Tab label={text('overview.title')}>
					<Facts />
				</TabbedShowLayout.Tab>
				<TabbedShowLayout.Tab label={text('audit.title')} path="audit">
					<Events />
				</TabbedShowLayout.Tab>
			</TabbedShowLayout>
		</Show>
	)
}

function Name() {
	const user = useRecordContext<SystemUser>()
	return <>{user && nameOfUser(user)}</>
}

function Facts() {
	const text = useText()
	const user = useRecordContext<SystemUser>()
	if (!user) return null
	return (
		<Box sx={{ p: { xs: 1, sm: 2 } }}>
			<Lines>
				<Line name={text('field.email')}>{user.email && `${user.email} · ${text(user.email_verified ? 'system.verified' : 'requests.unverified')}`}</Line>
				<Line name={text('system.admin')}>{text(user.system_admin ? 'yes' : 'no')}</Line>
				<Line name={text('system.issuer')}>{user.issuer}</Line>
				<Line name={text('system.subject')}>{user.subject}</Line>
				<Line name={text('system.created')}>{momentOf(user.created_at)}</Line>
				<Line name="ID">{user.id}</Line>
			</Lines>
			<Typography variant="h2" sx={{ mt: 4, mb: 1 }}>
				{text('system.memberships')}
			</Typography>
			<UserMemberships user={user} />
		</Box>
	)
}

function Events() {
	const user = useRecordContext<SystemUser>()
	return user ? <EventsByUser id={user.id} /> : null
}
