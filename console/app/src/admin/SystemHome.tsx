import Box from '@mui/material/Box'
import { lazy, Suspense } from 'react'
import { Title } from 'react-admin'
import { useText } from '../messages'

const SystemNumbers = lazy(() => import('../charts/SystemNumbers'))

export function SystemHome() {
	const text = useText()
	return (
		<Box sx={{ py: 1.5 }}>
			<Title title={text('overview.title')} />
			<Suspense fallback={null}>
				<SystemNumbers />
			</Suspense>
		</Box>
	)
}
