/** The slug. With another one every page of the tenant has another address, so it is asked for once more, and the console goes there. */
import Stack from '@mui/material/Stack'
import { type FormEvent, useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { useTenant } from '../tenant/Tenant'
import { Confirm } from '../ui/Confirm'
import { Field } from '../ui/Field'
import { Submit } from '../ui/Submit'
import type { Tenant } from './types'

export function Address({ tenant }: { tenant: Tenant }) {
	const text = useText()
	const go = useNavigate()
	const { client } = useTenant()
	const { reload } = useSession()
	const [slug, setSlug] = useState(tenant.slug)
	const [asking, setAsking] = useState(false)
	const wanted = slug.trim().toLowerCase()
	const ask = (event: FormEvent) => {
		event.preventDefault()
		setAsking(true)
	}
	const move = async () => {
		await client.ask('/v1/tenant', { method: 'PATCH', body: { slug: wanted } })
		await reload()
		go(`/t/${wanted}/settings`, { replace: true })
	}
	return (
		<>
			<Stack component="form" direction={{ xs: 'column', sm: 'row' }} onSubmit={ask} noValidate sx={{ gap: 2, alignItems: 'start' }}>
				<Field name="slug" label={text('field.slug')} value={slug} onChange={setSlug} autoComplete="off" />
				<Submit variant="outlined" disabled={!wanted || wanted === tenant.slug} sx={{ height: 37, flexShrink: 0 }}>
					{text('settings.move')}
				</Submit>
			</Stack>
			{asking && (
				<Confirm
					title={text('settings.ask_move', { slug: wanted })}
					intro={text('settings.ask_move_intro', { old: tenant.slug })}
					button={text('settings.move')}
					act={move}
					close={() => setAsking(false)}
				/>
			)}
		</>
	)
}
