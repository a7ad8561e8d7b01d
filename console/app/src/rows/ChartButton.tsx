import Chart from '@mui/icons-material/ShowChartOutlined'
import { Button } from 'react-admin'
import { useText } from '../messages'

export function ChartButton({ shown, toggle }: { shown: boolean; toggle: () => void }) {
	const text = useText()
	return (
		<Button label={text(shown ? 'chart.hide' : 'chart.show')} aria-expanded={shown} onClick={toggle}>
			<Chart />
		</Button>
	)
}
