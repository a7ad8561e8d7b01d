/** A page outside of a tenant: a narrow card in the middle, or a wider column. */
import Box from '@mui/material/Box'
import Paper from '@mui/material/Paper'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import { type ReactNode, useEffect } from 'react'
import icon from '../icon.svg'
import { LanguageButton } from './LanguageButton'
import { ModeButton } from './ModeButton'

export function useTitle(title: string) {
	useEffect(() => {
		document.title = `${title} · tenantd`
	}, [title])
}

interface Props {
	title: string
	intro?: ReactNode
	children?: ReactNode
	footer?: ReactNode
	wide?: boolean
	corner?: ReactNode
}

export function Page({ title, intro, children, footer, wide, corner }: Props) {
	useTitle(title)
	return (
		<Box sx={{ minHeight: '100vh', display: 'flex', flexDirection: 'column', alignItems: 'center', px: 2, pb: 6 }}>
			<Stack component="header" direction="row" sx={{ width: '100%', py: 1.5, alignItems: 'center', gap: 1 }}>
				<Stack direction="row" sx={{ flex: 1, alignItems: 'center', gap: 1, fontWeight: 600 }}>
					<img src={icon} alt="" width={22} height={22} />
					tenantd
				</Stack>
				{corner ?? <LanguageButton />}
				<ModeButton />
			</Stack>
			<Box component="main" sx={{ width: '100%', maxWidth: wide ? 720 : 400, mt: { xs: 2, sm: wide ? 4 : 8 } }}>
				<Paper variant="outlined" sx={{ p: { xs: 2.5, sm: 4 } }}>
					<Typography variant="h1" sx={{ mb: intro ? 0.75 : 2.5 }}>
						{title}
					</Typography>
					{intro && (
						<Typography color="textSecondary" component="div" sx={{ mb: 2.5 }}>
							{intro}
						</Typography>
					)}
					{children}
				</Paper>
				{footer && <Box sx={{ mt: 2, textAlign: 'center', color: 'text.secondary', fontSize: '0.875rem' }}>{footer}</Box>}
			</Box>
		</Box>
	)
}
