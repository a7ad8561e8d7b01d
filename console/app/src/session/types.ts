/** What GET /v1/auth/me answers. */
export type Role = 'owner' | 'tenant_admin' | 'member'
export type TenantStatus = 'onboarding' | 'active' | 'suspended' | 'closed'

export interface User {
	id: string | null
	email: string | null
	email_verified: boolean
	name: string | null
	system_admin: boolean
}

export interface Membership {
	tenant_id: string
	slug: string
	name: string
	env: string
	role: Role
	status: 'active' | 'pending' | 'suspended'
	tenant_status: TenantStatus
	joined_at: string | null
	/** Whom somebody can ask who waits or is suspended, if the tenant says so. */
	access_contact: string | null
}

export interface Me {
	user: User
	env: string
	memberships: Membership[]
	pending_requests: { tenant_id: string; slug: string; requested_at: string; access_contact: string | null }[]
	/** Tenants that have proven the domain of the user's address, and let in who asks. */
	joinable_tenants: { tenant_id: string; slug: string; name: string; domain: string }[]
	invitations: { id: string; tenant_id: string; slug: string; name: string; role: Role; inviter: string | null; expires_at: string }[]
}

export const ROLES: Role[] = ['member', 'tenant_admin', 'owner']
const RANK: Record<Role, number> = { member: 1, tenant_admin: 2, owner: 3 }

export const isAtLeast = (role: Role, least: Role) => RANK[role] >= RANK[least]
/** The roles that somebody with this role may give. */
export const givenBy = (role: Role): Role[] => ROLES.filter((r) => isAtLeast(role, r))
