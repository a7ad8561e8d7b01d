import Chart from '@mui/icons-material/ShowChartOutlined'
import Button from '@mui/material/Button'
import { useText } from '../messages'

export function ChartButton({ shown, toggle }: { shown: boolean; toggle: () => void }) {
	const text = useText()
	return (
		<Button startIcon={<Chart />} aria-expanded={shown} onClick={toggle}>
			{text(shown ? 'chart.hide' : 'chart.show')}
		</Button>
	)
}
