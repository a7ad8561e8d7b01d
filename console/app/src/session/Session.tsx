/**
 * Who is signed in. When the session ends in the middle of work, a dialog asks for the password, and the request that
 * was refused is made again: nothing on the page is lost.
 */
import { useLanguage } from '../messages'
import { type Client, createClient, TenantdError } from 'ra-data-tenantd'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { forget, remember, remembered } from '../ui/remembered'
import { Failed, Loading } from '../ui/Waiting'
import { SignInAgain } from './SignInAgain'
import type { Me } from './types'

export interface Session {
	client: Client
	me: Me | null
	/** Asks again who is signed in and where they belong. */
	reload: () => Promise<Me | null>
	signOut: () => Promise<void>
}

const SessionContext = createContext<Session | null>(null)

export function useSession(): Session {
	const session = useContext(SessionContext)
	if (!session) throw new Error('no session around this component')
	return session
}

/** For pages that only somebody who is signed in can see. */
export function useMe(): Me {
	const { me } = useSession()
	if (!me) throw new Error('nobody is signed in')
	return me
}

export function SessionProvider({ children }: { children: ReactNode }) {
	const [me, setMe] = useState<Me | null>()
	const [failure, setFailure] = useState<unknown>()
	const [asking, setAsking] = useState(false)
	const current = useRef<Me | null>(null)
	const waiting = useRef<((signedIn: boolean) => void)[]>([])

	// All requests that are refused at the same time wait for one answer of the dialog.
	const signInAgain = useCallback(() => {
		if (!current.current) return Promise.resolve(false)
		setAsking(true)
		return new Promise<boolean>((done) => waiting.current.push(done))
	}, [])
	const { explain } = useLanguage()
	const client = useMemo(() => createClient({ signInAgain, explain }), [signInAgain, explain])

	const keep = useCallback((found: Me | null) => {
		current.current = found
		if (found) remember('session', 'yes')
		else forget('session')
		setMe(found)
		return found
	}, [])

	const reload = useCallback(async () => {
		try {
			const { body } = await client.ask<Me>('/v1/auth/me', { plain: current.current === null })
			return keep(body)
		} catch (error) {
			if (error instanceof TenantdError && error.status === 401) return keep(null)
			throw error
		}
	}, [client, keep])

	const finish = useCallback((signedIn: boolean) => {
		setAsking(false)
		for (const done of waiting.current.splice(0)) done(signedIn)
	}, [])

	const signOut = useCallback(async () => {
		try {
			await client.ask('/v1/auth/logout', { method: 'POST', body: {}, plain: true })
		} catch (error) {
			if (!(error instanceof TenantdError && error.status === 401)) throw error
		}
		keep(null)
		finish(false)
	}, [client, keep, finish])

	const start = useCallback(() => {
		setFailure(undefined)
		// Who never signed in here has no session, and is not asked for one; the cookie itself cannot be seen.
		if (remembered('session')) reload().catch(setFailure)
		else setMe(null)
	}, [reload])
	useEffect(start, [start])

	const value = useMemo(() => ({ client, me: me ?? null, reload, signOut }), [client, me, reload, signOut])
	if (failure) return <Failed error={failure} again={start} />
	if (me === undefined) return <Loading />
	return (
		<SessionContext.Provider value={value}>
			{children}
			{asking && me && <SignInAgain me={me} done={() => finish(true)} leave={() => void signOut()} />}
		</SessionContext.Provider>
	)
}
