/** The tenants that let somebody in because of their address. */
import Button from '@mui/material/Button'
import { useCallback } from 'react'
import { useNavigate } from 'react-router-dom'
import { useText } from '../messages'
import { useMe, useSession } from '../session/Session'
import type { Me } from '../session/types'
import { Refused, Told } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'

export const Joinable = () => useMe().joinable_tenants.map((t) => <Offer key={t.tenant_id} tenant={t} />)

function Offer({ tenant: { slug, name, domain } }: { tenant: Me['joinable_tenants'][number] }) {
	const text = useText()
	const go = useNavigate()
	const { client, reload } = useSession()
	const join = useCallback(async () => {
		await client.post('/v1/join-requests', { slug })
		await reload()
		go(`/t/${slug}`)
	}, [client, slug, reload, go])
	const { busy, refusal, submit } = useSubmit(join)
	return (
		<>
			<Told
				severity="info"
				action={
					<Button color="inherit" loading={busy} aria-label={text('tenants.join_named', { name })} onClick={() => void submit()}>
						{text('tenants.join_now')}
					</Button>
				}
			>
				{text('tenants.joinable', { name, domain })}
			</Told>
			<Refused refusal={refusal} />
		</>
	)
}
