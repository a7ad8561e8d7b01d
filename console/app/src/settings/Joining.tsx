import FormControlLabel from '@mui/material/FormControlLabel'
import Stack from '@mui/material/Stack'
import Switch from '@mui/material/Switch'
import { useMemo, useState } from 'react'
import { useText } from '../messages'
import { Field } from '../ui/Field'
import { Submit } from '../ui/Submit'
import { Refused } from '../ui/Told'
import type { Tenant } from './types'
import { useSave } from './useSave'

const DAYS = ['invitation_days', 'ask_again_days'] as const

export function Joining({ tenant }: { tenant: Tenant }) {
	const text = useText()
	const [joinable, setJoinable] = useState(tenant.joinable)
	const [contact, setContact] = useState(tenant.access_contact ?? '')
	const [days, setDays] = useState({ invitation_days: String(tenant.invitation_days), ask_again_days: String(tenant.ask_again_days) })
	const fields = useMemo(
		() => ({ joinable, access_contact: contact.trim() || null, invitation_days: Number(days.invitation_days), ask_again_days: Number(days.ask_again_days) }),
		[joinable, contact, days],
	)
	const { busy, refusal, submit } = useSave(fields)
	return (
		<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
			<Refused refusal={refusal} fields={[...DAYS, 'access_contact']} />
			<FormControlLabel control={<Switch checked={joinable} onChange={(_, checked) => setJoinable(checked)} />} label={text('settings.joinable')} />
			{DAYS.map((name) => (
				<Field
					key={name}
					name={name}
					type="number"
					label={text(`settings.${name}`)}
					value={days[name]}
					onChange={(value) => setDays({ ...days, [name]: value })}
					refusal={refusal}
					sx={{ maxWidth: 360 }}
				/>
			))}
			<Field
				name="access_contact"
				label={text('field.optional', { name: text('settings.access_contact') })}
				helperText={text('settings.access_contact_help')}
				value={contact}
				onChange={setContact}
				refusal={refusal}
			/>
			<Submit busy={busy} sx={{ alignSelf: 'start' }}>
				{text('act.save')}
			</Submit>
		</Stack>
	)
}
