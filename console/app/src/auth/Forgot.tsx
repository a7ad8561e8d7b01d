import Stack from '@mui/material/Stack'
import { useCallback, useState } from 'react'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { Field } from '../ui/Field'
import { Link } from '../ui/Link'
import { Page } from '../ui/Page'
import { Submit } from '../ui/Submit'
import { Refused, Told } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'
import { EnvField, useEnv } from './envs'

export function Forgot() {
	const text = useText()
	const { client } = useSession()
	const [email, setEmail] = useState('')
	const [env, setEnv] = useEnv()
	const [sentTo, setSentTo] = useState<string>()
	const act = useCallback(async () => {
		await client.ask('/v1/auth/password/reset-request', { method: 'POST', body: { email }, env, plain: true })
		setSentTo(email)
	}, [client, email, env])
	const { busy, refusal, submit } = useSubmit(act)
	return (
		<Page title={text('forgot.title')} intro={text('forgot.intro')} footer={<Link to="/signin">{text('act.sign_in')}</Link>}>
			{sentTo ? (
				<Told severity="success">{text('forgot.sent', { email: sentTo })}</Told>
			) : (
				<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
					<Refused refusal={refusal} fields={['email', 'env']} />
					<Field
						name="email"
						label={text('field.email')}
						type="email"
						autoComplete="username"
						autoFocus
						value={email}
						onChange={setEmail}
						refusal={refusal}
					/>
					<EnvField value={env} onChange={setEnv} refusal={refusal} />
					<Submit busy={busy} size="medium">
						{text('forgot.send')}
					</Submit>
				</Stack>
			)}
		</Page>
	)
}
