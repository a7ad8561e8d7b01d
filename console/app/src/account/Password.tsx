import Stack from '@mui/material/Stack'
import { useCallback, useState } from 'react'
import { useText } from '../messages'
import { useMe, useSession } from '../session/Session'
import { PasswordField } from '../ui/PasswordField'
import { Submit } from '../ui/Submit'
import { Refused, Told } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'

export function Password() {
	const text = useText()
	const { client } = useSession()
	const { user } = useMe()
	const [old, setOld] = useState('')
	const [fresh, setFresh] = useState('')
	const [done, setDone] = useState(false)
	const act = useCallback(async () => {
		setDone(false)
		await client.ask('/v1/auth/password', { method: 'POST', body: { current_password: old, password: fresh }, plain: true })
		setOld('')
		setFresh('')
		setDone(true)
	}, [client, old, fresh])
	const { busy, refusal, submit } = useSubmit(act)
	return (
		<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2, maxWidth: 400 }}>
			{done && <Told severity="success">{text('password.done')}</Told>}
			<Refused refusal={refusal} fields={['current_password', 'password']} />
			{/* Password managers want to know whose password it is. */}
			<input type="email" autoComplete="username" value={user.email ?? ''} readOnly hidden />
			<PasswordField
				name="current_password"
				label={text('password.old')}
				autoComplete="current-password"
				value={old}
				onChange={setOld}
				refusal={refusal}
			/>
			<PasswordField
				name="password"
				label={text('field.new_password')}
				autoComplete="new-password"
				helperText={text('field.password_help')}
				value={fresh}
				onChange={setFresh}
				refusal={refusal}
			/>
			<Submit busy={busy} sx={{ alignSelf: 'start' }}>
				{text('password.change')}
			</Submit>
		</Stack>
	)
}
