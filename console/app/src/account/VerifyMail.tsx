import Button from '@mui/material/Button'
import { useCallback, useState } from 'react'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { Told } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'

/** Asks for the mail that proves the address. */
export function VerifyMail() {
	const text = useText()
	const { client } = useSession()
	const [sent, setSent] = useState(false)
	const act = useCallback(async () => {
		await client.post('/v1/auth/email/verify-request')
		setSent(true)
	}, [client])
	const { busy, refusal, submit } = useSubmit(act)
	if (sent) return <Told severity="success">{text('account.mail_sent')}</Told>
	return (
		<Told
			severity={refusal ? 'error' : 'warning'}
			action={
				<Button color="inherit" loading={busy} onClick={() => void submit()}>
					{text('account.send_mail')}
				</Button>
			}
		>
			{refusal?.message ?? text('account.unverified')}
		</Told>
	)
}
