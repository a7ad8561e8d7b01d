/** What becomes of people with an address at the domain; a line says what each choice does. */
import MenuItem from '@mui/material/MenuItem'
import { useText } from '../messages'
import { Field } from '../ui/Field'
import type { Enrollment } from './types'

const CHOICES: Enrollment[] = ['join', 'invite']

interface Props {
	id: string
	value: Enrollment
	choose: (enrollment: Enrollment) => void
	disabled?: boolean
}

export function EnrollmentField({ id, value, choose, disabled }: Props) {
	const text = useText()
	return (
		<Field
			select
			id={id}
			name="enrollment"
			label={text('domains.enrollment')}
			helperText={text(`domains.${value}_why`)}
			value={value}
			onChange={(chosen) => choose(chosen as Enrollment)}
			disabled={disabled}
			sx={{ maxWidth: { sm: 360 } }}
		>
			{CHOICES.map((choice) => (
				<MenuItem key={choice} value={choice}>
					{text(`domains.${choice}`)}
				</MenuItem>
			))}
		</Field>
	)
}
