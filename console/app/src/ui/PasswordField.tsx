import Visibility from '@mui/icons-material/VisibilityOutlined'
import VisibilityOff from '@mui/icons-material/VisibilityOffOutlined'
import IconButton from '@mui/material/IconButton'
import InputAdornment from '@mui/material/InputAdornment'
import { useState } from 'react'
import { useText } from '../messages'
import { Field } from './Field'
import type { Refusal } from './useSubmit'

interface Props {
	label: string
	value: string
	onChange: (value: string) => void
	refusal?: Refusal | null
	name?: string
	autoComplete: 'current-password' | 'new-password'
	helperText?: string
	autoFocus?: boolean
}

export function PasswordField({ name = 'password', ...rest }: Props) {
	const text = useText()
	const [shown, setShown] = useState(false)
	const eye = (
		<InputAdornment position="end">
			<IconButton
				size="small"
				edge="end"
				aria-label={text(shown ? 'field.hide' : 'field.show')}
				aria-pressed={shown}
				onClick={() => setShown(!shown)}
			>
				{shown ? <VisibilityOff fontSize="small" /> : <Visibility fontSize="small" />}
			</IconButton>
		</InputAdornment>
	)
	return <Field {...rest} name={name} required type={shown ? 'text' : 'password'} slotProps={{ input: { endAdornment: eye } }} />
}
