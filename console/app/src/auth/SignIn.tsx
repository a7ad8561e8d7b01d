import Stack from '@mui/material/Stack'
import { useCallback, useState } from 'react'
import { Navigate, useLocation } from 'react-router-dom'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { useNext } from '../session/useNext'
import { Field } from '../ui/Field'
import { Link } from '../ui/Link'
import { Page } from '../ui/Page'
import { PasswordField } from '../ui/PasswordField'
import { Submit } from '../ui/Submit'
import { Refused, Told } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'
import { EnvField, useEnv } from './envs'
import { useOffer } from './offer'

export function SignIn() {
	const text = useText()
	const next = useNext()
	const { search, state } = useLocation()
	const { client, me, reload } = useSession()
	const [email, setEmail] = useState('')
	const [password, setPassword] = useState('')
	const [env, setEnv] = useEnv()
	const { maySignUp } = useOffer()
	const act = useCallback(async () => {
		await client.ask('/v1/auth/login', { method: 'POST', body: { email, password, cookie: true }, env, plain: true })
		await reload()
	}, [client, reload, email, password, env])
	const { busy, refusal, submit } = useSubmit(act)
	if (me) return <Navigate to={next} replace />
	const told = (state as { told?: 'verified' | 'reset' } | null)?.told
	return (
		<Page
			title={text('signin.title')}
			footer={
				maySignUp ? (
					<>
						{text('signin.new')} <Link to={`/signup${search}`}>{text('act.sign_up')}</Link>
					</>
				) : (
					text('signin.closed')
				)
			}
		>
			<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
				{told && <Told severity="success">{text(told === 'reset' ? 'reset.done' : 'verify.done')}</Told>}
				<Refused refusal={refusal} fields={['email', 'password', 'env']} />
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
				<PasswordField label={text('field.password')} autoComplete="current-password" value={password} onChange={setPassword} refusal={refusal} />
				<EnvField value={env} onChange={setEnv} refusal={refusal} />
				<Submit busy={busy} size="medium">
					{text('act.sign_in')}
				</Submit>
				<Link to="/forgot" sx={{ alignSelf: 'center' }}>
					{text('signin.forgot')}
				</Link>
			</Stack>
		</Page>
	)
}
