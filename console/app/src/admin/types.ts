import type { AuditEvent } from '../audit/types'
import type { Role, TenantStatus } from '../session/types'

export interface SystemTenant {
	id: string
	env: string
	slug: string
	name: string
	organization_name: string | null
	status: TenantStatus
	legal_name: string | null
	postal_address: string | null
	contact_email: string | null
	country: string | null
	members: number
	closed_at: string | null
	reopen_until: string | null
	created_at: string
}

export type MemberStatus = 'pending' | 'active' | 'suspended' | 'rejected' | 'removed'

export interface SystemMembership {
	tenant_id: string
	slug: string
	name: string
	role: Role
	status: MemberStatus
	tenant_status: TenantStatus
	joined_at: string | null
}

export interface SystemUser {
	id: string
	email: string | null
	email_verified: boolean
	name: string | null
	issuer: string
	subject: string
	system_admin: boolean
	created_at: string
	memberships: SystemMembership[]
}

/** An event of any tenant; of none where these are null. */
export interface SystemEvent extends AuditEvent {
	tenant_id: string | null
	tenant_slug: string | null
	tenant_name: string | null
}

export const nameOfUser = (user: { name: string | null; email: string | null; id?: string; user_id?: string }) =>
	user.name ?? user.email ?? user.id ?? user.user_id ?? ''

/** A membership that is not over. */
export const isThere = (status: MemberStatus) => status === 'active' || status === 'pending' || status === 'suspended'
