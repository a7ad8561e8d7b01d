/** The tenant of the address: its pages for those who belong to it, and for others what they lack. */
import { lazy, Suspense, useEffect } from 'react'
import { Navigate, useParams } from 'react-router-dom'
import { useMe } from '../session/Session'
import { isAtLeast } from '../session/types'
import { remember } from '../ui/remembered'
import { Loading } from '../ui/Waiting'
import { NotHere, PendingHere, StoppedHere } from './Blocked'

const TenantApp = lazy(() => import('./TenantApp'))
const Onboarding = lazy(() => import('../onboarding/Onboarding'))

export default function TenantGate() {
	const { slug = '', '*': rest = '' } = useParams()
	const { memberships, pending_requests } = useMe()
	const membership = memberships.find((m) => m.slug === slug)
	useEffect(() => {
		if (membership) remember('tenant', slug)
	}, [membership, slug])
	// The links of mails name the id, which stays when the slug is changed.
	const byId = memberships.find((m) => m.tenant_id === slug)
	if (byId) return <Navigate to={`/t/${byId.slug}${rest && `/${rest}`}`} replace />
	if (membership?.status === 'pending' || (!membership && pending_requests.some((r) => r.slug === slug)))
		return <PendingHere slug={slug} />
	if (!membership) return <NotHere slug={slug} />
	if (membership.status === 'suspended') return <StoppedHere membership={membership} why="member_suspended" />
	if (membership.tenant_status === 'suspended') return <StoppedHere membership={membership} why="tenant_suspended" />
	if (membership.tenant_status === 'closed') return <StoppedHere membership={membership} why="tenant_closed" />
	const isNew = membership.tenant_status === 'onboarding' && isAtLeast(membership.role, 'tenant_admin')
	return (
		<Suspense fallback={<Loading />}>
			{isNew ? <Onboarding membership={membership} /> : <TenantApp key={membership.tenant_id} membership={membership} />}
		</Suspense>
	)
}
