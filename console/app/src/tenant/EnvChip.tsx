import Box from '@mui/material/Box'
import { envColours } from '../ui/theme'

export const EnvChip = ({ env }: { env: string }) => (
	<Box
		component="span"
		sx={{
			bgcolor: envColours[env] ?? '#3f4a54',
			color: '#fff',
			borderRadius: 0.75,
			px: 0.875,
			py: 0.125,
			fontSize: '0.75rem',
			fontWeight: 650,
			letterSpacing: '0.03em',
			lineHeight: 1.5,
		}}
	>
		{env}
	</Box>
)
