/** The env is part of an account's session: somebody who is not signed in yet says in which one they are. */
import MenuItem from '@mui/material/MenuItem'
import { useState } from 'react'
import { useText } from '../messages'
import { Field } from '../ui/Field'
import { remember, remembered } from '../ui/remembered'
import type { Refusal } from '../ui/useSubmit'
import { offer, useOffer } from './offer'

/** The one of the link or of the last visit; else dev on the own machine, and prod elsewhere. */
function likeliest(envs: string[]): string {
	const here = /^(localhost|127\.|\[::1\])/.test(location.hostname) ? 'dev' : 'prod'
	const wanted = [new URLSearchParams(location.search).get('env'), remembered('env'), here]
	return wanted.find((env) => env !== null && envs.includes(env)) ?? envs[0] ?? here
}

export function useEnv() {
	const { envs } = useOffer()
	const [env, choose] = useState(() => likeliest(envs))
	const setEnv = (value: string) => {
		remember('env', value)
		choose(value)
	}
	return [env, setEnv] as const
}

/** A secret of a mail counts in one env, which its link does not say: the likeliest is tried first. */
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
