import MenuItem from '@mui/material/MenuItem'
import { useText } from '../messages'
import { Field } from '../ui/Field'

/** Over how many days a chart looks; the server counts no more than the last. */
const RANGES = [7, 30, 90]
export const USUAL_DAYS = 30

export function DaysChoice({ value, onChange }: { value: number; onChange: (days: number) => void }) {
	const text = useText()
	return (
		<Field select name="days" label={text('chart.range')} value={String(value)} onChange={(days) => onChange(Number(days))} fullWidth={false} sx={{ minWidth: 104 }}>
			{RANGES.map((days) => (
				<MenuItem key={days} value={String(days)}>
					{text('chart.range_days', { days })}
				</MenuItem>
			))}
		</Field>
	)
}
