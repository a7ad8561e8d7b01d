import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import Stack from '@mui/material/Stack'
import { createClient } from 'ra-data-tenantd'
import { useCallback, useState } from 'react'
import { useLanguage, useText } from '../messages'
import { PasswordField } from '../ui/PasswordField'
import { Submit } from '../ui/Submit'
import { Refused } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'
import type { Me } from './types'

interface Props {
	me: Me
	done: () => void
	leave: () => void
}

export function SignInAgain({ me, done, leave }: Props) {
	const text = useText()
	const { explain } = useLanguage()
	const [password, setPassword] = useState('')
	const act = useCallback(async () => {
		const body = { email: me.user.email, password, cookie: true }
		await createClient({ explain }).ask('/v1/auth/login', { method: 'POST', body, env: me.env, plain: true })
		done()
	}, [me, password, done, explain])
	const { busy, refusal, submit } = useSubmit(act)
	return (
		<Dialog open fullWidth maxWidth="xs" aria-labelledby="again-title">
			<form onSubmit={submit}>
				<DialogTitle id="again-title">{text('again.title')}</DialogTitle>
				<DialogContent>
					<Stack sx={{ gap: 2 }}>
						<span>{text('again.why', { email: me.user.email ?? '' })}</span>
						<Refused refusal={refusal} fields={['password']} />
						<PasswordField
							autoFocus
							label={text('field.password')}
							autoComplete="current-password"
							value={password}
							onChange={setPassword}
							refusal={refusal}
						/>
					</Stack>
				</DialogContent>
				<DialogActions>
					<Button onClick={leave}>{text('again.leave')}</Button>
					<Submit busy={busy}>{text('act.sign_in')}</Submit>
				</DialogActions>
			</form>
		</Dialog>
	)
}
