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

export function SignUp() {
	const text = useText()
	const next = useNext()
	const { search } = useLocation()
	const { client, me, reload } = useSession()
	const [name, setName] = useState('')
	const [email, setEmail] = useState('')
	const [password, setPassword] = useState('')
	const [env, setEnv] = useEnv()
	const { maySignUp } = useOffer()
	const act = useCallback(async () => {
		const body = { email, password, cookie: true, ...(name.trim() && { name: name.trim() }) }
		await client.ask('/v1/auth/signup', { method: 'POST', body, env, plain: true })
		await reload()
	}, [client, reload, name, email, password, env])
	const { busy, refusal, submit } = useSubmit(act)
	if (me) return <Navigate to={next} replace />
	if (!maySignUp)
		return (
			<Page title={text('signup.title')} footer={<Link to={`/signin${search}`}>{text('act.sign_in')}</Link>}>
				<Told severity="info">{text('signin.closed')}</Told>
			</Page>
		)
	return (
		<Page
			title={text('signup.title')}
			intro={text('signup.intro')}
			footer={
				<>
					{text('signup.have')} <Link to={`/signin${search}`}>{text('act.sign_in')}</Link>
				</>
			}
		>
			<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
				<Refused refusal={refusal} fields={['name', 'email', 'password', 'env']} />
				<Field name="name" label={text('field.name')} autoComplete="name" autoFocus value={name} onChange={setName} refusal={refusal} />
				<Field name="email" label={text('field.email')} type="email" autoComplete="username" value={email} onChange={setEmail} refusal={refusal} />
				<PasswordField
					label={text('field.password')}
					autoComplete="new-password"
					helperText={text('field.password_help')}
					value={password}
					onChange={setPassword}
					refusal={refusal}
				/>
				<EnvField value={env} onChange={setEnv} refusal={refusal} />
				<Submit busy={busy} size="medium">
					{text('act.sign_up')}
				</Submit>
			</Stack>
		</Page>
	)
}
