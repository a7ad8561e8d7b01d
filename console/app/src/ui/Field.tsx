/** A text field whose refusal stands at it. */
import TextField, { type TextFieldProps } from '@mui/material/TextField'
import type { Refusal } from './useSubmit'

type Props = Omit<TextFieldProps, 'onChange' | 'value' | 'name'> & {
	name: string
	value: string
	onChange: (value: string) => void
	refusal?: Refusal | null
}

export function Field({ name, value, onChange, refusal, helperText, slotProps, ...rest }: Props) {
	const refused = refusal?.fields[name]
	return (
		<TextField
			{...rest}
			id={rest.id ?? `field-${name}`}
			name={name}
			value={value}
			onChange={(event) => onChange(event.target.value)}
			error={Boolean(refused)}
			helperText={refused ?? helperText}
			// Every field of these forms is needed unless its label says otherwise, so none has an asterisk.
			slotProps={{ ...slotProps, inputLabel: { required: false } }}
		/>
	)
}
