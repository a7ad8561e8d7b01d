import Button from '@mui/material/Button'
import Stack from '@mui/material/Stack'
import { useCallback, useEffect, useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { useText } from '../messages'
import { RightEnv } from '../session/RightEnv'
import { useSession } from '../session/Session'
import type { Membership } from '../session/types'
import { Link } from '../ui/Link'
import { Page } from '../ui/Page'
import { Submit } from '../ui/Submit'
import { Refused, Told } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'
import { useOffer } from './offer'
import { forgetMailSecret, useMailSecret } from './mailSecret'

/** The link of an invitation. Who is not signed in yet does that first; the secret waits in this page's memory. */
export function Accept() {
	const text = useText()
	const secret = useMailSecret()
	const { me } = useSession()
	const { maySignUp } = useOffer()
	if (!secret)
		return (
			<Page title={text('accept.title')} footer={<Link to="/">{text('act.continue')}</Link>}>
				<Told severity="error">{text('link.none')}</Told>
			</Page>
		)
	if (!me)
		return (
			<Page title={text('accept.title')} intro={text('accept.who')}>
				<Stack sx={{ gap: 1.5 }}>
					<LinkButton to="/signin?next=/accept" text={text('act.sign_in')} />
					{maySignUp && <LinkButton to="/signup?next=/accept" text={text('accept.sign_up')} secondary />}
				</Stack>
			</Page>
		)
	return <RightEnv>{me.user.email_verified ? <Decide secret={secret} /> : <VerifyFirst />}</RightEnv>
}

function LinkButton({ to, text, secondary }: { to: string; text: string; secondary?: boolean }) {
	const go = useNavigate()
	return (
		<Button size="medium" variant={secondary ? 'outlined' : 'contained'} onClick={() => go(to)}>
			{text}
		</Button>
	)
}

function Decide({ secret }: { secret: string }) {
	const text = useText()
	const go = useNavigate()
	const { client, me, reload } = useSession()
	const [declined, setDeclined] = useState(false)
	const accept = useCallback(async () => {
		const { slug } = await client.post<Membership>('/v1/invitations/accept', { token: secret })
		forgetMailSecret()
		await reload()
		go(`/t/${slug}`)
	}, [client, secret, reload, go])
	const decline = useCallback(async () => {
		await client.post('/v1/invitations/decline', { token: secret })
		forgetMailSecret()
		setDeclined(true)
	}, [client, secret])
	const accepting = useSubmit(accept)
	const declining = useSubmit(decline)
	if (declined)
		return (
			<Page title={text('accept.title')} footer={<Link to="/">{text('act.continue')}</Link>}>
				<Told severity="info">{text('accept.declined')}</Told>
			</Page>
		)
	return (
		<Page title={text('accept.title')} intro={text('accept.as', { email: me?.user.email ?? '' })}>
			<Stack component="form" onSubmit={accepting.submit} sx={{ gap: 2 }}>
				<Refused refusal={accepting.refusal ?? declining.refusal} />
				<Stack direction="row" sx={{ gap: 1.5 }}>
					<Submit busy={accepting.busy} size="medium">
						{text('act.accept')}
					</Submit>
					<Button size="medium" loading={declining.busy} onClick={() => void declining.submit()}>
						{text('act.decline')}
					</Button>
				</Stack>
			</Stack>
		</Page>
	)
}

/** An invitation goes to an address, so its owner is known only when the address is. */
function VerifyFirst() {
	const text = useText()
	const { client, me, reload } = useSession()
	const [sent, setSent] = useState(false)
	const again = useCallback(async () => {
		await client.post('/v1/auth/email/verify-request')
		setSent(true)
	}, [client])
	const { busy, refusal, submit } = useSubmit(again)
	// The mail opens in another tab; whoever comes back from it goes on here.
	useEffect(() => {
		const look = () => void reload()
		window.addEventListener('focus', look)
		return () => window.removeEventListener('focus', look)
	}, [reload])
	return (
		<Page title={text('accept.title')} intro={text('accept.verify', { email: me?.user.email ?? '' })}>
			<Stack component="form" onSubmit={submit} sx={{ gap: 2 }}>
				<Refused refusal={refusal} />
				{sent && <Told severity="success">{text('account.mail_sent')}</Told>}
				<Stack direction="row" sx={{ gap: 1.5 }}>
					<Button size="medium" variant="contained" onClick={() => void reload()}>
						{text('accept.verified')}
					</Button>
					<Submit busy={busy} size="medium" variant="text">
						{text('account.send_mail')}
					</Submit>
				</Stack>
			</Stack>
		</Page>
	)
}
