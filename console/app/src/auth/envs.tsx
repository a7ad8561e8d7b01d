/** The env is part of an account's session: somebody who is not signed in yet says in which one they are. */
import MenuItem from '@mui/material/MenuItem'
import { useState } from 'react'
import { useText } from '../messages'
import { Field } from '../ui/Field'
import { remember, remembered } from '../ui/remembered'
import type { Refusal } from '../ui/useSubmit'

export const ENVS = ['dev', 'staging', 'prod'] as const

const isEnv = (value: string | null): value is (typeof ENVS)[number] => ENVS.some((env) => env === value)

/** The one of the link or of the last visit; else dev on the own machine, and prod elsewhere. */
function firstEnv(): string {
	const asked = new URLSearchParams(location.search).get('env')
	if (isEnv(asked)) return asked
	const last = remembered('env')
	if (isEnv(last)) return last
	return /^(localhost|127\.|\[::1\])/.test(location.hostname) ? 'dev' : 'prod'
}

export function useEnv() {
	const [env, set] = useState(firstEnv)
	const setEnv = (value: string) => {
		remember('env', value)
		set(value)
	}
	return [env, setEnv] as const
}

/** A secret of a mail counts in one env, which its link does not say: the likeliest is tried first. */
export function envsToTry(): string[] {
	const first = firstEnv()
	return [first, ...ENVS.filter((env) => env !== first)]
}

export function EnvField({ value, onChange, refusal }: { value: string; onChange: (env: string) => void; refusal: Refusal | null }) {
	const text = useText()
	const refused = refusal?.code === 'env_not_allowed' ? { ...refusal, fields: { env: refusal.message } } : refusal
	return (
		<Field select name="env" label={text('field.env')} value={value} onChange={onChange} refusal={refused}>
			{ENVS.map((env) => (
				<MenuItem key={env} value={env}>
					{env}
				</MenuItem>
			))}
		</Field>
	)
}
