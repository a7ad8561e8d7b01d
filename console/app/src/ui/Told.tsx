/** A message that a screen reader says at once when it appears. */
import Alert, { type AlertProps } from '@mui/material/Alert'
import type { Refusal } from './useSubmit'

export const Told = (props: AlertProps) => <Alert role="status" {...props} />

/** A refusal that belongs to no field of the form. */
export function Refused({ refusal, fields = [] }: { refusal: Refusal | null; fields?: string[] }) {
	if (!refusal || fields.some((name) => refusal.fields[name])) return null
	return (
		<Alert severity="error" role="alert">
			{refusal.message}
		</Alert>
	)
}
