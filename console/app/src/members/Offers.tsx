/** Ownership that is offered: the receiver decides, the owner can take it back. */
import Button from '@mui/material/Button'
import Stack from '@mui/material/Stack'
import { useGetList, useRefresh } from 'react-admin'
import { useText } from '../messages'
import { useMe, useSession } from '../session/Session'
import type { Role } from '../session/types'
import { useTenant } from '../tenant/Tenant'
import { Told } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'
import { dayOf } from '../ui/when'
import { Person } from './Person'

interface Offer {
	id: string
	user_id: string
	offered_by: string
	step_down: Role | null
	status: string
	expires_at: string
}

export function Offers() {
	const { data } = useGetList<Offer>('offers', { pagination: { page: 1, perPage: 100 } })
	const open = data?.filter((o) => o.status === 'pending') ?? []
	if (open.length === 0) return null
	return (
		<Stack sx={{ gap: 1, my: 1 }}>
			{open.map((offer) => (
				<OfferLine key={offer.id} offer={offer} />
			))}
		</Stack>
	)
}

function OfferLine({ offer }: { offer: Offer }) {
	const text = useText()
	const { client } = useTenant()
	const { user } = useMe()
	const { reload } = useSession()
	const refresh = useRefresh()
	const path = `/v1/tenant/ownership-offers/${offer.id}`
	const after = async () => {
		await reload()
		refresh()
	}
	const accept = useSubmit(async () => client.post(`${path}/accept`).then(after))
	const decline = useSubmit(async () => client.post(`${path}/decline`).then(after))
	const withdraw = useSubmit(async () => client.ask(path, { method: 'DELETE' }).then(after))
	const refusal = accept.refusal ?? decline.refusal ?? withdraw.refusal
	const isMine = offer.user_id === user.id
	const buttons = isMine ? (
		<>
			<Button color="inherit" loading={accept.busy} onClick={() => void accept.submit()}>
				{text('act.accept')}
			</Button>
			<Button color="inherit" loading={decline.busy} onClick={() => void decline.submit()}>
				{text('act.decline')}
			</Button>
		</>
	) : offer.offered_by === user.id ? (
		<Button color="inherit" loading={withdraw.busy} onClick={() => void withdraw.submit()}>
			{text('act.withdraw')}
		</Button>
	) : null
	return (
		<Told severity={refusal ? 'error' : 'info'} action={buttons}>
			{refusal?.message ?? (
				<>
					<Person id={isMine ? offer.offered_by : offer.user_id} /> {text(isMine ? 'offer.to_me' : 'offer.to', { until: dayOf(offer.expires_at) })}
				</>
			)}
		</Told>
	)
}
