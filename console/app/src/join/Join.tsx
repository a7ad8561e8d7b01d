import Stack from '@mui/material/Stack'
import { useCallback, useState } from 'react'
import { useNavigate, useParams } from 'react-router-dom'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { AccountMenu } from '../ui/AccountMenu'
import { Field } from '../ui/Field'
import { Link } from '../ui/Link'
import { Page } from '../ui/Page'
import { Submit } from '../ui/Submit'
import { Refused } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'

/** Asking to join a tenant by its slug. */
export default function Join() {
	const text = useText()
	const go = useNavigate()
	const { client, reload } = useSession()
	const [slug, setSlug] = useState(useParams().slug ?? '')
	const [message, setMessage] = useState('')
	const act = useCallback(async () => {
		const { slug: asked } = await client.post<{ slug: string }>('/v1/join-requests', { slug: slug.trim(), ...(message.trim() && { message }) })
		await reload()
		go(`/t/${asked}`)
	}, [client, slug, message, reload, go])
	const { busy, refusal, submit } = useSubmit(act)
	return (
		<Page title={text('join.title')} intro={text('join.intro')} corner={<AccountMenu />} footer={<Link to="/tenants">{text('tenants.title')}</Link>}>
			<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
				<Refused refusal={refusal} fields={['slug', 'message']} />
				<Field name="slug" label={text('field.slug')} helperText={text('join.slug_help')} autoFocus value={slug} onChange={setSlug} refusal={refusal} />
				<Field
					name="message"
					label={text('join.message')}
					multiline
					minRows={2}
					value={message}
					onChange={setMessage}
					refusal={refusal}
				/>
				<Submit busy={busy} size="medium">
					{text('act.request_access')}
				</Submit>
			</Stack>
		</Page>
	)
}
