import Stack from '@mui/material/Stack'
import type { ReactNode } from 'react'
import { Link } from '../ui/Link'
import { nameOfUser } from './types'

/** Somebody by name and address; the name leads to their page. */
export const WhoLink = ({ id, user, children }: { id: string; user: { name: string | null; email: string | null }; children?: ReactNode }) => (
	<Stack sx={{ py: 0.25, gap: 0.25, alignItems: 'start' }}>
		<Link to={`/system/users/${id}`}>{nameOfUser({ ...user, id })}</Link>
		{user.name && <Stack component="span" sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>{user.email}</Stack>}
		{children}
	</Stack>
)
