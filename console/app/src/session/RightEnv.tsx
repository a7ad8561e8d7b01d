/** A link of a mail is of one env: whoever is signed in to another one chooses which of the two they mean. */
import Button from '@mui/material/Button'
import Stack from '@mui/material/Stack'
import { type ReactNode, useState } from 'react'
import { forgetLinkedEnv, linkedEnv } from '../auth/envs'
import { useText } from '../messages'
import { AccountMenu } from '../ui/AccountMenu'
import { Page } from '../ui/Page'
import { Refused } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'
import { useSession } from './Session'

export function RightEnv({ children }: { children: ReactNode }) {
	const text = useText()
	const { me, signOut } = useSession()
	const [there, setThere] = useState(linkedEnv)
	const leaving = useSubmit(signOut)
	if (!me || !there || there === me.env) return <>{children}</>
	const stay = () => {
		forgetLinkedEnv()
		setThere(null)
	}
	return (
		<Page title={text('elsewhere.title')} intro={text('elsewhere.intro', { there, here: me.env })} corner={<AccountMenu />}>
			<Refused refusal={leaving.refusal} />
			<Stack direction="row" sx={{ gap: 1.5 }}>
				<Button variant="contained" loading={leaving.busy} onClick={() => void leaving.submit()}>
					{text('elsewhere.go', { there })}
				</Button>
				<Button onClick={stay}>{text('elsewhere.stay', { here: me.env })}</Button>
			</Stack>
		</Page>
	)
}
