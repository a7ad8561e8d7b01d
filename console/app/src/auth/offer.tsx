/** What the server offers to somebody who is not signed in: its envs, and whether people may make accounts. It is asked once. */
import { createClient } from 'ra-data-tenantd'
import { createContext, useContext, useEffect, useState } from 'react'
import { Outlet } from 'react-router-dom'
import { Loading } from '../ui/Waiting'

const ENVS = ['dev', 'staging', 'prod']

export interface Offer {
	envs: string[]
	maySignUp: boolean
}

interface Discovery {
	tenantd_envs?: string[]
	tenantd_signup?: 'open' | 'confirmed' | 'closed'
}

let asked: Promise<Offer> | undefined

async function ask(): Promise<Offer> {
	try {
		const { body } = await createClient().ask<Discovery>('/.well-known/openid-configuration', { plain: true })
		return { envs: body.tenantd_envs ?? ENVS, maySignUp: body.tenantd_signup !== 'closed' }
	} catch {
		// Then everything is offered, and what is not there is refused when somebody tries it.
		asked = undefined
		return { envs: ENVS, maySignUp: true }
	}
}

export const offer = () => (asked ??= ask())

const OfferContext = createContext<Offer | null>(null)

export function useOffer(): Offer {
	const known = useContext(OfferContext)
	if (!known) throw new Error('no offer around this component')
	return known
}

/** Around the pages of visitors, which appear as soon as it is known. */
export function WithOffer() {
	const [known, setKnown] = useState<Offer>()
	useEffect(() => void offer().then(setKnown), [])
	if (!known) return <Loading />
	return (
		<OfferContext.Provider value={known}>
			<Outlet />
		</OfferContext.Provider>
	)
}
