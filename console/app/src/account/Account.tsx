/** One's own account: the address, the password, and where one is signed in. */
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import type { ReactNode } from 'react'
import { useText } from '../messages'
import { useMe } from '../session/Session'
import { AccountMenu } from '../ui/AccountMenu'
import { Link } from '../ui/Link'
import { Page } from '../ui/Page'
import { Password } from './Password'
import { Sessions } from './Sessions'
import { VerifyMail } from './VerifyMail'

export default function Account() {
	const text = useText()
	const { user } = useMe()
	return (
		<Page
			wide
			title={text('account.title')}
			intro={user.name ? `${user.name} · ${user.email}` : user.email}
			corner={<AccountMenu />}
			footer={<Link to="/">{text('account.back')}</Link>}
		>
			<Stack sx={{ gap: 4 }}>
				{!user.email_verified && <VerifyMail />}
				<Section title={text('password.title')}>
					<Password />
				</Section>
				<Section title={text('sessions.title')}>
					<Sessions />
				</Section>
			</Stack>
		</Page>
	)
}

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
	<section>
		<Typography variant="h2" sx={{ mb: 1.5 }}>
			{title}
		</Typography>
		{children}
	</section>
)
