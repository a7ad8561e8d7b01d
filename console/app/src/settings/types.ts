import type { Compliance } from '../onboarding/ComplianceFields'
import type { TenantStatus } from '../session/types'

export interface Tenant extends Compliance {
	id: string
	slug: string
	name: string
	organization_name: string | null
	status: TenantStatus
	joinable: boolean
	invitation_days: number
	ask_again_days: number
	access_contact: string | null
}
