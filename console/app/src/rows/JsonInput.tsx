/** JSON as text while it is written; the form has the value, and does not save what is no JSON. */
import TextField from '@mui/material/TextField'
import { useState } from 'react'
import { useInput } from 'react-admin'
import { useText } from '../messages'

interface Props {
	source: string
	label: string
	helperText?: string
	needed: boolean
}

const written = (value: unknown) => (value === null || value === undefined || value === '' ? '' : JSON.stringify(value, null, 2))

/** Marks a text that is no JSON in the form's values until it is one. */
class Malformed {
	readonly text: string
	constructor(text: string) {
		this.text = text
	}
}

export function JsonInput({ source, label, helperText, needed }: Props) {
	const text = useText()
	const validate = (value: unknown) => {
		if (value instanceof Malformed) return text('rows.no_json')
		return needed && (value === null || value === undefined) ? 'ra.validation.required' : undefined
	}
	const { field, fieldState, id } = useInput({ source, validate })
	const [draft, setDraft] = useState<string>()
	const change = (typed: string) => {
		setDraft(typed)
		try {
			field.onChange(typed.trim() === '' ? null : JSON.parse(typed))
		} catch {
			field.onChange(new Malformed(typed))
		}
	}
	return (
		<TextField
			id={id}
			name={field.name}
			inputRef={field.ref}
			label={label}
			multiline
			minRows={2}
			maxRows={20}
			value={draft ?? written(field.value)}
			onChange={(event) => change(event.target.value)}
			onBlur={field.onBlur}
			error={fieldState.invalid}
			helperText={fieldState.error?.message ? text('rows.no_json') : helperText}
			slotProps={{ htmlInput: { style: { fontFamily: 'ui-monospace, monospace', fontSize: '0.8125rem' }, spellCheck: false } }}
		/>
	)
}
