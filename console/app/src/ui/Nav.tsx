/** The menu at the side: groups of links. Where it is narrow it shows the icons alone, and their names as hints. */
import Box from '@mui/material/Box'
import List from '@mui/material/List'
import ListItem from '@mui/material/ListItem'
import ListItemButton from '@mui/material/ListItemButton'
import ListItemIcon from '@mui/material/ListItemIcon'
import ListItemText from '@mui/material/ListItemText'
import Tooltip from '@mui/material/Tooltip'
import Typography from '@mui/material/Typography'
import useMediaQuery from '@mui/material/useMediaQuery'
import { type ReactElement, useId } from 'react'
import { useSidebarState } from 'react-admin'
import { NavLink } from 'react-router-dom'
import { PHONE } from './theme'

export interface NavItem {
	to: string
	name: string
	icon: ReactElement
	/** The letter that leads here after `g` (ui/Shortcuts.tsx). */
	go?: string
	/** Lit only at this very address, not at those below it. */
	exact?: boolean
}

export interface NavGroup {
	title?: string
	items: NavItem[]
}

export function Nav({ label, groups }: { label: string; groups: NavGroup[] }) {
	const [open] = useSidebarState()
	return (
		<Box component="nav" aria-label={label} sx={{ width: open ? 216 : 52, py: 1, px: 0.75, overflowX: 'hidden' }}>
			{groups.map((group, index) => (
				<Group key={group.title ?? index} group={group} />
			))}
		</Box>
	)
}

function Group({ group }: { group: NavGroup }) {
	const id = useId()
	const [open] = useSidebarState()
	if (group.items.length === 0) return null
	return (
		<Box sx={{ mb: 1 }}>
			{group.title && (
				<Typography id={id} component="h2" noWrap sx={{ px: 1.25, pt: 1, pb: 0.5, fontSize: '0.75rem', fontWeight: 600, color: 'text.secondary', visibility: open ? 'visible' : 'hidden' }}>
					{group.title}
				</Typography>
			)}
			<List disablePadding aria-labelledby={group.title ? id : undefined}>
				{group.items.map((item) => (
					<Item key={item.to} item={item} />
				))}
			</List>
		</Box>
	)
}

function Item({ item }: { item: NavItem }) {
	const [open, setOpen] = useSidebarState()
	const isOverlay = useMediaQuery(PHONE)
	return (
		<ListItem disablePadding>
			<Tooltip title={open ? '' : item.name} placement="right">
				<ListItemButton
					component={NavLink}
					to={item.to}
					data-go={item.go}
					end={item.exact}
					dense
					onClick={() => isOverlay && setOpen(false)}
					sx={{
						borderRadius: 1,
						px: 1.25,
						py: 0.375,
						minHeight: 32,
						color: 'text.secondary',
						'&.active': { color: 'text.primary', bgcolor: 'action.selected', fontWeight: 600 },
						'&.active .MuiListItemIcon-root': { color: 'primary.main' },
					}}
				>
					<ListItemIcon sx={{ minWidth: 30, color: 'inherit', '& svg': { fontSize: 18 } }}>{item.icon}</ListItemIcon>
					<ListItemText
						primary={item.name}
						slotProps={{ primary: { noWrap: true, sx: { fontSize: '0.875rem', fontWeight: 'inherit' } } }}
						sx={open ? undefined : { position: 'absolute', clipPath: 'inset(50%)' }}
					/>
				</ListItemButton>
			</Tooltip>
		</ListItem>
	)
}
