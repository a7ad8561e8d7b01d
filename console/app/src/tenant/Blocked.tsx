/** What somebody sees who cannot work in the tenant of the address: what it is, and what to do. */
import Button from '@mui/material/Button'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import { useCallback } from 'react'
import { useNavigate } from 'react-router-dom'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import type { AuditEvent } from '../audit/types'
import { Line, Lines } from '../rows/Lines'
import { isAtLeast, type Membership } from '../session/types'
import { AccountMenu } from '../ui/AccountMenu'
import { Link } from '../ui/Link'
import { Page } from '../ui/Page'
import { Submit } from '../ui/Submit'
import { Refused, Told } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { useSubmit } from '../ui/useSubmit'
import { momentOf } from '../ui/when'
import { Joinable } from './Joinable'

const Others = () => <Link to="/tenants">{useText()('tenants.other')}</Link>

export function NotHere({ slug }: { slug: string }) {
	const text = useText()
	const go = useNavigate()
	return (
		<Page title={text('nothere.title')} intro={text('nothere.intro', { slug })} corner={<AccountMenu />} footer={<Others />}>
			<Stack sx={{ gap: 2, alignItems: 'start' }}>
				<Joinable />
				<Button variant="contained" onClick={() => go(`/join/${slug}`)}>
					{text('act.request_access')}
				</Button>
			</Stack>
		</Page>
	)
}

interface Request {
	tenant_id: string
	slug: string
	message: string | null
	requested_at: string
	access_contact: string | null
}

/** Whom to ask, in the tenant's own words. */
function Contact({ name }: { name: string | null }) {
	const text = useText()
	if (!name) return null
	return (
		<Lines>
			<Line wide name={text('blocked.contact')}>
				{name}
			</Line>
		</Lines>
	)
}

export function PendingHere({ slug }: { slug: string }) {
	const text = useText()
	const { client, me, reload } = useSession()
	const { data } = useLoad(useCallback(() => client.get<Request[]>('/v1/me/join-requests', { limit: 1000 }), [client]))
	const request = data?.find((r) => r.slug === slug)
	const withdraw = useCallback(async () => {
		await client.ask(`/v1/me/join-requests/${request?.tenant_id}`, { method: 'DELETE' })
		await reload()
	}, [client, request, reload])
	const { busy, refusal, submit } = useSubmit(withdraw)
	const look = useSubmit(reload)
	const name = me?.memberships.find((m) => m.slug === slug)?.name ?? slug
	return (
		<Page title={text('pending.title')} intro={text('pending.intro', { name })} corner={<AccountMenu />} footer={<Others />}>
			<Stack component="form" onSubmit={submit} sx={{ gap: 2 }}>
				{request && (
					<Typography variant="body2">
						{text('pending.asked', { when: momentOf(request.requested_at) })}
						{request.message && ` “${request.message}”`}
					</Typography>
				)}
				<Contact name={request?.access_contact ?? null} />
				<Refused refusal={refusal ?? look.refusal} />
				<Stack direction="row" sx={{ gap: 1.5 }}>
					<Button variant="contained" loading={look.busy} onClick={() => void look.submit()}>
						{text('pending.look')}
					</Button>
					<Submit variant="outlined" busy={busy} disabled={!request}>
						{text('act.withdraw')}
					</Submit>
				</Stack>
			</Stack>
		</Page>
	)
}

type Why = 'member_suspended' | 'tenant_suspended' | 'tenant_closed'

export function StoppedHere({ membership, why }: { membership: Membership; why: Why }) {
	const text = useText()
	return (
		<Page title={text(`${why}.title`, { name: membership.name })} corner={<AccountMenu />} footer={<Others />}>
			<Stack sx={{ gap: 2 }}>
				<Told severity="warning">{text(`${why}.todo`, { name: membership.name })}</Told>
				{why !== 'member_suspended' && isAtLeast(membership.role, 'tenant_admin') && <Reason membership={membership} action={why === 'tenant_closed' ? 'tenant.closed' : 'tenant.suspended'} />}
				<Contact name={membership.access_contact} />
			</Stack>
		</Page>
	)
}

/** Its admins read why: the audit log is open to them whatever the tenant's status is. */
function Reason({ membership, action }: { membership: Membership; action: string }) {
	const text = useText()
	const { client } = useSession()
	const read = useCallback(() => client.of(membership.tenant_id).get<AuditEvent[]>('/v1/audit', { action, limit: 1 }), [client, membership, action])
	const event = useLoad(read).data?.[0]
	if (!event?.reason) return null
	return (
		<Lines>
			<Line wide name={text('blocked.reason', { when: momentOf(event.at) })}>
				{event.reason}
			</Line>
		</Lines>
	)
}
