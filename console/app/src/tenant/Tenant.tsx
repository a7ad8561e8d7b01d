import type { Client } from 'ra-data-tenantd'
import { createContext, useContext } from 'react'
import type { Membership } from '../session/types'

export interface TenantHere {
	membership: Membership
	/** Names the tenant in every request. */
	client: Client
}

export const TenantContext = createContext<TenantHere | null>(null)

export function useTenant(): TenantHere {
	const here = useContext(TenantContext)
	if (!here) throw new Error('no tenant around this component')
	return here
}
