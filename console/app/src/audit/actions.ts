/** What can stand in the audit log: the acts on the objects of tenancy, and on the rows of each table. */
const ACTS: Record<string, string[]> = {
	tenant: ['created', 'updated', 'onboarded', 'suspended', 'reactivated', 'closed', 'reopened'],
	member: ['requested', 'withdrawn', 'approved', 'rejected', 'joined', 'role_changed', 'suspended', 'reactivated', 'removed', 'left'],
	invitation: ['created', 'resent', 'accepted', 'declined', 'revoked'],
	ownership_offer: ['created', 'accepted', 'declined', 'withdrawn', 'expired'],
	domain: ['created', 'updated', 'verified', 'lost', 'deleted'],
	api_key: ['created', 'revoked'],
	onboarding_step: ['created'],
	access: ['refused'],
}
/** What happens in no tenant. */
const OUTSIDE: Record<string, string[]> = {
	user: ['created', 'updated', 'system_admin_granted', 'system_admin_revoked'],
	account: ['created', 'updated'],
	session: ['created', 'ended'],
	cutover: ['created', 'updated', 'deleted'],
}
const ROW_ACTS = ['created', 'updated', 'deleted']

type Acts = Record<string, string[]>

export const actsOfTenant = (tables: string[]): Acts => ({ ...ACTS, ...Object.fromEntries(tables.map((name) => [name, ROW_ACTS])) })
export const actsAnywhere: Acts = { ...ACTS, ...OUTSIDE }

export const actionsOf = (acts: Acts) => Object.entries(acts).flatMap(([object, verbs]) => verbs.map((verb) => `${object}.${verb}`))
/** A refusal is about a route, whatever that is for. */
export const objectsOf = (acts: Acts) => [...Object.keys(acts).filter((object) => object !== 'access'), 'route']
