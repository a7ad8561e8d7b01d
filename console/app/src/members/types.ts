import type { Role } from '../session/types'

export interface Member {
	user_id: string
	email: string | null
	name: string | null
	role: Role
	status: 'active' | 'pending' | 'suspended'
	joined_at: string | null
}
