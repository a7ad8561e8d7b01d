import Button from '@mui/material/Button'
import { useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { Page } from '../ui/Page'
import { Told } from '../ui/Told'
import { refusalOf } from '../ui/useSubmit'
import { spend, useMailSecret } from './mailSecret'

/** The link of the mail that proves an address. It works whether its reader is signed in or not. */
export function Verify() {
	const text = useText()
	const go = useNavigate()
	const secret = useMailSecret()
	const { client, me, reload } = useSession()
	const [refused, setRefused] = useState<string>()
	const [done, setDone] = useState(false)
	const sent = useRef(false)
	const isSignedIn = me !== null
	useEffect(() => {
		if (!secret || sent.current) return
		sent.current = true // the secret is good once, and React may run an effect twice
		spend(client, '/v1/auth/email/verify', { token: secret }).then(
			async () => {
				if (isSignedIn) await reload()
				setDone(true)
			},
			(error: unknown) => setRefused(refusalOf(error, text).message),
		)
	}, [secret, client, isSignedIn, reload, text])
	const problem = secret ? refused : text('link.none')
	return (
		<Page title={text('verify.title')}>
			{problem && <Told severity="error">{problem}</Told>}
			{!problem && !done && <Told severity="info">{text('verify.busy')}</Told>}
			{done && <Told severity="success">{text('verify.done')}</Told>}
			{(done || problem) && (
				<Button variant="contained" sx={{ mt: 2 }} onClick={() => go(me ? '/' : '/signin')}>
					{text(me ? 'act.continue' : 'act.sign_in')}
				</Button>
			)}
		</Page>
	)
}
