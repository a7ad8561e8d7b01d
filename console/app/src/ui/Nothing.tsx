import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { ReactNode } from 'react'

/** Of an empty list: what would be here, and how it comes here. */
export const Nothing = ({ title, intro, children }: { title: string; intro: string; children?: ReactNode }) => (
	<Box sx={{ textAlign: 'center', py: 8, px: 2, width: '100%' }}>
		<Typography variant="h2" component="p" sx={{ mb: 0.5 }}>
			{title}
		</Typography>
		<Typography color="textSecondary" sx={{ mb: children ? 2.5 : 0 }}>
			{intro}
		</Typography>
		{children}
	</Box>
)
