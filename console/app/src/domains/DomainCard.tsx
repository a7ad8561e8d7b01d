import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Card from '@mui/material/Card'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import { useId, useState } from 'react'
import { useText } from '../messages'
import { StatusChip } from '../tenant/labels'
import { useTenant } from '../tenant/Tenant'
import { Confirm } from '../ui/Confirm'
import { Refused, Told } from '../ui/Told'
import { useChange } from '../ui/useChange'
import { agoOf, dayOf } from '../ui/when'
import { EnrollmentField } from './EnrollmentField'
import { RecordLines } from './RecordLines'
import type { Domain, Enrollment } from './types'
import { useVerify } from './useVerify'

interface Props {
	domain: Domain
	changed: () => Promise<void>
}

export function DomainCard({ domain: d, changed }: Props) {
	const text = useText()
	const id = useId()
	const { client } = useTenant()
	const { busy, change } = useChange()
	const verify = useVerify(d, changed)
	const [asking, setAsking] = useState(false)
	const { name } = d
	const choose = (enrollment: Enrollment) =>
		void change(async () => {
			await client.ask(`/v1/domains/${d.id}`, { method: 'PATCH', body: { enrollment } })
			await changed()
		}, text('domains.changed', { name }))
	const remove = async () => {
		await client.ask(`/v1/domains/${d.id}`, { method: 'DELETE' })
		await changed()
	}
	return (
		<Card component="section" aria-labelledby={id} sx={{ p: { xs: 2, sm: 3 } }}>
			<Stack direction="row" sx={{ alignItems: 'center', gap: 1.25, flexWrap: 'wrap' }}>
				<Typography id={id} variant="h2" sx={{ overflowWrap: 'anywhere' }}>
					{name}
				</Typography>
				<StatusChip status={d.status} />
				<Box sx={{ flex: 1 }} />
				<Stack direction="row" sx={{ gap: 1 }}>
					<Button variant="outlined" loading={verify.busy} aria-label={text('domains.verify_named', { name })} onClick={() => void verify.submit()}>
						{text('domains.verify')}
					</Button>
					<Button color="error" aria-label={text('domains.remove_named', { name })} onClick={() => setAsking(true)}>
						{text('domains.remove')}
					</Button>
				</Stack>
			</Stack>
			<Stack sx={{ gap: 2, mt: 1.5 }}>
				<Refused refusal={verify.refusal} />
				<State domain={d} check={verify.check} />
				<RecordLines domain={d} />
				<EnrollmentField id={`enrollment-${d.id}`} value={d.enrollment} choose={choose} disabled={busy} />
			</Stack>
			{asking && (
				<Confirm
					title={text('domains.ask', { name })}
					intro={text('domains.ask_intro')}
					button={text('domains.remove')}
					name={name}
					act={remove}
					close={() => setAsking(false)}
				/>
			)}
		</Card>
	)
}

/** How the last check ended, or that one is being made. */
function State({ domain: d, check }: { domain: Domain; check?: 'made' | 'waits' }) {
	const text = useText()
	if (check) return <Told severity="info">{text(check === 'made' ? 'domains.checking' : 'domains.waits')}</Told>
	if (d.missing_since) return <Told severity="error">{text('domains.missing', { since: dayOf(d.missing_since), problem: d.problem ?? '' })}</Told>
	if (d.problem)
		return (
			<Told severity="warning">
				{text('domains.problem', { problem: d.problem })} {d.next_check_at && text('domains.again', { when: agoOf(d.next_check_at) })}
			</Told>
		)
	if (d.verified_at) return <Typography color="textSecondary">{text('domains.verified_at', { when: dayOf(d.verified_at) })}</Typography>
	return null
}
