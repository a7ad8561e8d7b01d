import Stack from '@mui/material/Stack'
import { useMemo, useState } from 'react'
import { useText } from '../messages'
import { ComplianceFields } from '../onboarding/ComplianceFields'
import { Field } from '../ui/Field'
import { Submit } from '../ui/Submit'
import { Refused } from '../ui/Told'
import type { Tenant } from './types'
import { useSave } from './useSave'

const NAMES = ['name', 'organization_name'] as const

export function Organization({ tenant }: { tenant: Tenant }) {
	const text = useText()
	const [written, setWritten] = useState(tenant)
	const fields = useMemo(() => {
		const { name, organization_name, legal_name, postal_address, contact_email, country } = written
		return { name, ...(organization_name && { organization_name }), legal_name, postal_address, contact_email, country }
	}, [written])
	const { busy, refusal, submit } = useSave(fields)
	return (
		<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
			<Refused refusal={refusal} fields={Object.keys(fields)} />
			{NAMES.map((name) => (
				<Field
					key={name}
					name={name}
					label={text(`tenant.${name}`)}
					value={written[name] ?? ''}
					onChange={(value) => setWritten({ ...written, [name]: value })}
					refusal={refusal}
				/>
			))}
			<ComplianceFields value={written} onChange={(compliance) => setWritten({ ...written, ...compliance })} refusal={refusal} />
			<Submit busy={busy} sx={{ alignSelf: 'start' }}>
				{text('act.save')}
			</Submit>
		</Stack>
	)
}
