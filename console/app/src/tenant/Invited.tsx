/** An invitation that waits for one's own address, which is confirmed: it can be answered here as well as by the link of its mail. */
import Button from '@mui/material/Button'
import { useNavigate } from 'react-router-dom'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import type { Me } from '../session/types'
import { Refused, Told } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'
import { dayOf } from '../ui/when'
import { useRoleName } from './labels'

export function Invited({ invitation: { id, slug, name, role, inviter, expires_at: end } }: { invitation: Me['invitations'][number] }) {
	const text = useText()
	const roleName = useRoleName()
	const go = useNavigate()
	const { client, reload } = useSession()
	const answer = (how: 'accept' | 'decline') => client.post(`/v1/me/invitations/${id}/${how}`).then(reload)
	const accepting = useSubmit(async () => answer('accept').then(() => go(`/t/${slug}`)))
	const declining = useSubmit(async () => answer('decline'))
	const buttons = (
		<>
			<Button color="inherit" loading={accepting.busy} aria-label={text('tenants.accept_named', { name })} onClick={() => void accepting.submit()}>
				{text('act.accept')}
			</Button>
			<Button color="inherit" loading={declining.busy} aria-label={text('tenants.decline_named', { name })} onClick={() => void declining.submit()}>
				{text('act.decline')}
			</Button>
		</>
	)
	return (
		<>
			<Told severity="info" action={buttons}>
				{text('tenants.invited', { name, role: roleName(role), inviter: inviter ?? text('somebody'), until: dayOf(end) })}
			</Told>
			<Refused refusal={accepting.refusal ?? declining.refusal} />
		</>
	)
}
