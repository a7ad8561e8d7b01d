/** Says why something was refused, where no form is open that could show it. */
import { useCallback } from 'react'
import { useNotify } from 'react-admin'
import { useText } from '../messages'
import { refusalOf } from './useSubmit'

export function useNotifyRefusal() {
	const text = useText()
	const notify = useNotify()
	return useCallback((error: unknown) => notify(refusalOf(error, text).message, { type: 'error' }), [notify, text])
}
