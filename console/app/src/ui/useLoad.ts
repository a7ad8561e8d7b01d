/** Something that a page reads once when it opens, and again after an act. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { useText } from '../messages'
import { type Refusal, refusalOf } from './useSubmit'

export interface Loaded<T> {
	data?: T
	refusal?: Refusal
	reload: () => Promise<void>
}

export function useLoad<T>(read: () => Promise<T>): Loaded<T> {
	const text = useText()
	const [state, setState] = useState<{ data?: T; refusal?: Refusal }>({})
	const latest = useRef(0)
	const reload = useCallback(async () => {
		const mine = ++latest.current
		try {
			const data = await read()
			if (mine === latest.current) setState({ data })
		} catch (error) {
			if (mine === latest.current) setState({ refusal: refusalOf(error, text) })
		}
	}, [read, text])
	useEffect(() => void reload(), [reload])
	return { ...state, reload }
}
