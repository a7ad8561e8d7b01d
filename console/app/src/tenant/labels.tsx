/** Roles and statuses, in words and colours; the words alone say everything. */
import Chip from '@mui/material/Chip'
import type { Key } from '../messages'
import { useText } from '../messages'
import type { Role } from '../session/types'

type Tone = 'default' | 'success' | 'warning' | 'error' | 'info'

const TONES: Record<string, Tone> = {
	active: 'success',
	accepted: 'success',
	verified: 'success',
	pending: 'warning',
	onboarding: 'info',
	suspended: 'error',
	closed: 'default',
	declined: 'default',
	revoked: 'default',
	expired: 'default',
	removed: 'default',
	rejected: 'default',
}

export function useRoleName() {
	const text = useText()
	return (role: Role) => text(`role.${role}`)
}

export function StatusChip({ status }: { status: string }) {
	const text = useText()
	return <Chip variant="outlined" color={TONES[status] ?? 'default'} label={text(`status.${status}` as Key) ?? status} />
}
