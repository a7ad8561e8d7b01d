import Stack from '@mui/material/Stack'
import { useCallback, useState } from 'react'
import { useText } from '../messages'
import { useTenant } from '../tenant/Tenant'
import { Field } from '../ui/Field'
import { Submit } from '../ui/Submit'
import { Refused } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'
import { EnrollmentField } from './EnrollmentField'
import type { Enrollment } from './types'

export function NewDomain({ added }: { added: () => Promise<void> }) {
	const text = useText()
	const { client } = useTenant()
	const [name, setName] = useState('')
	const [enrollment, setEnrollment] = useState<Enrollment>('join')
	const act = useCallback(async () => {
		await client.post('/v1/domains', { name: name.trim(), enrollment })
		setName('')
		await added()
	}, [client, name, enrollment, added])
	const { busy, refusal, submit } = useSubmit(act)
	return (
		<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
			<Refused refusal={refusal} fields={['name', 'enrollment']} />
			<Stack direction={{ xs: 'column', sm: 'row' }} sx={{ gap: 2, alignItems: 'start' }}>
				<Field name="name" id="field-domain" label={text('domains.name')} helperText={text('domains.name_help')} value={name} onChange={setName} refusal={refusal} autoComplete="off" />
				<EnrollmentField id="field-enrollment" value={enrollment} choose={setEnrollment} />
				<Submit busy={busy} disabled={!name.trim()} sx={{ height: 37, flexShrink: 0 }}>
					{text('domains.add')}
				</Submit>
			</Stack>
		</Stack>
	)
}
