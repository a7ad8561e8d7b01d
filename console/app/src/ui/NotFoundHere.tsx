import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import { Title } from 'react-admin'
import { useText } from '../messages'

/** Of a page that is not there, inside of a place that is. */
export function NotFoundHere() {
	const text = useText()
	return (
		<Box sx={{ p: 3 }}>
			<Title title={text('missing.title')} />
			<Typography>{text('missing.intro')}</Typography>
		</Box>
	)
}
