/** Asks for a check of the record, and waits for a while until it was made. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { useTenant } from '../tenant/Tenant'
import { useSubmit } from '../ui/useSubmit'
import type { Domain } from './types'

const PAUSE_MS = 1500
const PATIENCE_MS = 30_000

export function useVerify({ id, checked_at }: Domain, changed: () => Promise<void>) {
	const { client } = useTenant()
	const [check, setCheck] = useState<'made' | 'waits'>()
	const isHere = useRef(true)
	useEffect(() => {
		isHere.current = true
		return () => void (isHere.current = false)
	}, [])
	const act = useCallback(async () => {
		await client.post(`/v1/domains/${id}/verify`)
		setCheck('made')
		for (const end = Date.now() + PATIENCE_MS; isHere.current && Date.now() < end; ) {
			await new Promise((done) => setTimeout(done, PAUSE_MS))
			const now = await client.get<Domain>(`/v1/domains/${id}`)
			if (now.checked_at === checked_at) continue
			setCheck(undefined)
			return changed()
		}
		setCheck('waits')
	}, [client, id, checked_at, changed])
	return { ...useSubmit(act), check }
}
