import Stack from '@mui/material/Stack'
import { useCallback, useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { Link } from '../ui/Link'
import { Page } from '../ui/Page'
import { PasswordField } from '../ui/PasswordField'
import { Submit } from '../ui/Submit'
import { Refused, Told } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'
import { spend, useMailSecret } from './mailSecret'

/** The link of the mail that sets a new password. All sessions end with it, also the one of this browser. */
export function Reset() {
	const text = useText()
	const go = useNavigate()
	const secret = useMailSecret()
	const { client, signOut } = useSession()
	const [password, setPassword] = useState('')
	const act = useCallback(async () => {
		await spend(client, '/v1/auth/password/reset', { token: secret, password })
		await signOut()
		go('/signin', { state: { told: 'reset' } })
	}, [client, secret, password, signOut, go])
	const { busy, refusal, submit } = useSubmit(act)
	return (
		<Page title={text('reset.title')} footer={<Link to="/forgot">{text('reset.another')}</Link>}>
			{secret ? (
				<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
					<Refused refusal={refusal} fields={['password']} />
					<PasswordField
						autoFocus
						label={text('field.new_password')}
						autoComplete="new-password"
						helperText={text('field.password_help')}
						value={password}
						onChange={setPassword}
						refusal={refusal}
					/>
					<Submit busy={busy} size="medium">
						{text('reset.set')}
					</Submit>
				</Stack>
			) : (
				<Told severity="error">{text('link.none')}</Told>
			)}
		</Page>
	)
}
