/** Names and values, one under the other; two columns where there is room. */
import Box from '@mui/material/Box'
import type { ReactNode } from 'react'

export const Lines = ({ children }: { children: ReactNode }) => (
	<Box component="dl" sx={{ m: 0, display: 'grid', gridTemplateColumns: { xs: '1fr', md: '1fr 1fr' }, columnGap: 4, rowGap: 2 }}>
		{children}
	</Box>
)

export const Line = ({ name, wide, children }: { name: string; wide?: boolean; children: ReactNode }) => (
	<Box sx={{ gridColumn: wide ? '1 / -1' : undefined, minWidth: 0 }}>
		<Box component="dt" sx={{ color: 'text.secondary', fontSize: '0.8125rem', mb: 0.25 }}>
			{name}
		</Box>
		<Box component="dd" sx={{ m: 0, minHeight: '1.5em', overflowWrap: 'anywhere', fontSize: '0.8125rem' }}>
			{children}
		</Box>
	</Box>
)
