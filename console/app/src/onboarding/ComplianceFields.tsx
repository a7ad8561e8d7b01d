/** The four fields of whoever sends mail for the tenant, each with why it is asked. */
import Autocomplete from '@mui/material/Autocomplete'
import TextField from '@mui/material/TextField'
import { useMemo } from 'react'
import { useText } from '../messages'
import { Field } from '../ui/Field'
import type { Refusal } from '../ui/useSubmit'
import { countries } from './countries'

export interface Compliance {
	legal_name: string | null
	postal_address: string | null
	contact_email: string | null
	country: string | null
}

interface Props {
	value: Compliance
	onChange: (value: Compliance) => void
	refusal: Refusal | null
}

const TEXTS = ['legal_name', 'postal_address', 'contact_email'] as const

export function ComplianceFields({ value, onChange, refusal }: Props) {
	const text = useText()
	const all = useMemo(countries, [])
	return (
		<>
			{TEXTS.map((name) => (
				<Field
					key={name}
					name={name}
					label={text('field.optional', { name: text(`tenant.${name}`) })}
					helperText={text(`tenant.${name}_why`)}
					type={name === 'contact_email' ? 'email' : 'text'}
					multiline={name === 'postal_address'}
					minRows={name === 'postal_address' ? 2 : undefined}
					value={value[name] ?? ''}
					onChange={(written) => onChange({ ...value, [name]: written || null })}
					refusal={refusal}
				/>
			))}
			<Autocomplete
				options={all}
				value={all.find((c) => c.code === value.country) ?? null}
				onChange={(_, chosen) => onChange({ ...value, country: chosen?.code ?? null })}
				getOptionLabel={(c) => `${c.name} (${c.code})`}
				isOptionEqualToValue={(a, b) => a.code === b.code}
				renderInput={(params) => (
					<TextField
						{...params}
						label={text('field.optional', { name: text('tenant.country') })}
						error={Boolean(refusal?.fields.country)}
						helperText={refusal?.fields.country ?? text('tenant.country_why')}
					/>
				)}
			/>
		</>
	)
}
