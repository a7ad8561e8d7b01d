/** The env is part of an account's session: somebody who is not signed in yet says in which one they are. */
import MenuItem from '@mui/material/MenuItem'
import { useState } from 'react'
import { useText } from '../messages'
import { Field } from '../ui/Field'
import { remember, remembered } from '../ui/remembered'
import type { Refusal } from '../ui/useSubmit'
import { offer, useOffer } from './offer'

// Taken as soon as the program is there, because the pages of the sign-in have addresses of their own.
let linked = new URLSearchParams(location.search).get('env')

/** The env of the link of a mail that brought somebody here, until they choose another. */
export const linkedEnv = () => linked
export const forgetLinkedEnv = () => void (linked = null)

/** The one of the link or of the last visit; else dev on the own machine, and prod elsewhere. */
function likeliest(envs: string[]): string {
	const here = /^(localhost|127\.|\[::1\])/.test(location.hostname) ? 'dev' : 'prod'
	const wanted = [linked, remembered('env'), here]
	return wanted.find((env) => env !== null && envs.includes(env)) ?? envs[0] ?? here
}

export function useEnv() {
	const { envs } = useOffer()
	const [env, choose] = useState(() => likeliest(envs))
	const setEnv = (value: string) => {
		forgetLinkedEnv()
		remember('env', value)
		choose(value)
	}
	return [env, setEnv] as const
}

/** A secret of a mail counts in one env. Its link says in which; a link without it is tried in the likeliest first. */
export async function envsToTry(): Promise<string[]> {
	const { envs } = await offer()
	const first = likeliest(envs)
	return [first, ...envs.filter((env) => env !== first)]
}

/** Where there is one env alone, there is nothing to choose. */
export function EnvField({ value, onChange, refusal }: { value: string; onChange: (env: string) => void; refusal: Refusal | null }) {
	const text = useText()
	const { envs } = useOffer()
	const refused = refusal?.code === 'env_not_allowed' ? { ...refusal, fields: { env: refusal.message } } : refusal
	if (envs.length < 2) return null
	return (
		<Field select name="env" label={text('field.env')} value={value} onChange={onChange} refusal={refused}>
			{envs.map((env) => (
				<MenuItem key={env} value={env}>
					{env}
				</MenuItem>
			))}
		</Field>
	)
}
