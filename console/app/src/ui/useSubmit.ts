/** The state of a form that is sent: busy or not, what was refused, and at which field. */
import { TenantdError } from 'ra-data-tenantd'
import { type FormEvent, useCallback, useState } from 'react'
import { useText } from '../messages'

export interface Refusal {
	message: string
	code?: string
	fields: Record<string, string>
}

/** The server writes its messages without a capital, because programs put them into sentences. */
const sentence = (message: string) => message.charAt(0).toUpperCase() + message.slice(1)

/** The errors of fields as texts; what react-admin would show under `root` is no field. */
export function refusalOf(error: unknown, text: ReturnType<typeof useText>): Refusal {
	if (!(error instanceof TenantdError)) return { message: text('error.network'), fields: {} }
	const fields: Record<string, string> = {}
	for (const [name, value] of Object.entries(error.body.errors ?? {})) if (typeof value === 'string') fields[name] = sentence(value)
	const message = error.status === 429 ? text('error.too_many', { seconds: String(error.body.retryAfter ?? 60) }) : sentence(error.message)
	return { message, code: error.code, fields }
}

export function useSubmit(act: () => Promise<unknown>) {
	const text = useText()
	const [busy, setBusy] = useState(false)
	const [refusal, setRefusal] = useState<Refusal | null>(null)
	const submit = useCallback(
		async (event?: FormEvent) => {
			event?.preventDefault()
			setBusy(true)
			setRefusal(null)
			try {
				await act()
			} catch (error) {
				setRefusal(refusalOf(error, text))
			} finally {
				setBusy(false)
			}
		},
		[act, text],
	)
	return { busy, refusal, submit, clear: useCallback(() => setRefusal(null), []) }
}
