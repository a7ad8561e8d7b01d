import Typography from '@mui/material/Typography'
import { useSidebarState } from 'react-admin'

/** The name of a group of the menu; a line where the menu has only its icons. */
export function MenuGroup({ title }: { title: string }) {
	const [open] = useSidebarState()
	return (
		<Typography
			component="li"
			role="presentation"
			sx={{ px: 2, pt: 1.75, pb: 0.5, fontSize: '0.75rem', fontWeight: 600, color: 'text.secondary', whiteSpace: 'nowrap', overflow: 'hidden', listStyle: 'none' }}
		>
			{open ? title : '—'}
		</Typography>
	)
}
