/** An act on an entry of a list: says what came of it and reads the list again. */
import { useCallback, useState } from 'react'
import { useNotify, useRefresh } from 'react-admin'
import { useText } from '../messages'
import { refusalOf } from './useSubmit'

export function useChange() {
	const text = useText()
	const notify = useNotify()
	const refresh = useRefresh()
	const [busy, setBusy] = useState(false)
	const change = useCallback(
		async (act: () => Promise<unknown>, done?: string) => {
			setBusy(true)
			try {
				await act()
				if (done) notify(done, { type: 'success' })
			} catch (error) {
				notify(refusalOf(error, text).message, { type: 'error' })
			} finally {
				setBusy(false)
				refresh()
			}
		},
		[notify, refresh, text],
	)
	return { busy, change }
}
