import MenuItem from '@mui/material/MenuItem'
import Stack from '@mui/material/Stack'
import { useCallback, useState } from 'react'
import { useText } from '../messages'
import { givenBy, type Role } from '../session/types'
import { useRoleName } from '../tenant/labels'
import { useTenant } from '../tenant/Tenant'
import { Field } from '../ui/Field'
import { Submit } from '../ui/Submit'
import { Refused, Told } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'

export function NewKey({ made }: { made: () => Promise<void> }) {
	const text = useText()
	const roleName = useRoleName()
	const { client, membership } = useTenant()
	const [name, setName] = useState('')
	const [role, setRole] = useState<Role>('member')
	const [secret, setSecret] = useState<string>()
	const act = useCallback(async () => {
		const { key } = await client.post<{ key?: string }>('/v1/api-keys', { name, role })
		setSecret(key)
		setName('')
		await made()
	}, [client, name, role, made])
	const { busy, refusal, submit } = useSubmit(act)
	return (
		<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
			{secret && (
				<Told severity="success" onClose={() => setSecret(undefined)}>
					{text('keys.once')}
					<Stack component="code" sx={{ mt: 0.5, overflowWrap: 'anywhere', userSelect: 'all', fontSize: '0.875rem' }} data-testid="api-key">
						{secret}
					</Stack>
				</Told>
			)}
			<Refused refusal={refusal} fields={['name', 'role']} />
			<Stack direction={{ xs: 'column', sm: 'row' }} sx={{ gap: 2, alignItems: 'start' }}>
				<Field name="name" id="field-key-name" label={text('keys.name')} helperText={text('keys.name_help')} value={name} onChange={setName} refusal={refusal} />
				<Field
					select
					name="role"
					id="field-key-role"
					label={text('field.role')}
					value={role}
					onChange={(value) => setRole(value as Role)}
					refusal={refusal}
					sx={{ width: { sm: 180 }, flexShrink: 0 }}
				>
					{givenBy(membership.role)
						.filter((r) => r !== 'owner')
						.map((r) => (
							<MenuItem key={r} value={r}>
								{roleName(r)}
							</MenuItem>
						))}
				</Field>
				<Submit busy={busy} disabled={!name.trim()} variant="outlined" sx={{ height: 37, flexShrink: 0 }}>
					{text('keys.make')}
				</Submit>
			</Stack>
		</Stack>
	)
}
