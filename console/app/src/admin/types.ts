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

export interface SystemUser {
	id: string
	email: string | null
	email_verified: boolean
	name: string | null
	issuer: string
	system_admin: boolean
	created_at: string
	memberships: { tenant_id: string; slug: string; name: string; role: Role; status: string; tenant_status: TenantStatus }[]
}
