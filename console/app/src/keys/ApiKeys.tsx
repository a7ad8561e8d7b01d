/** The keys of the tenant's machines. A key is shown once, when it is made. */
import Button from '@mui/material/Button'
import List from '@mui/material/List'
import ListItem from '@mui/material/ListItem'
import ListItemText from '@mui/material/ListItemText'
import { useCallback, useState } from 'react'
import { useText } from '../messages'
import type { Role } from '../session/types'
import { useRoleName } from '../tenant/labels'
import { useTenant } from '../tenant/Tenant'
import { Confirm } from '../ui/Confirm'
import { Refused } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { agoOf, dayOf } from '../ui/when'
import { NewKey } from './NewKey'

export interface ApiKey {
	id: string
	name: string
	role: Role
	created_at: string
	expires_at: string
	last_used_at: string | null
	revoked_at: string | null
}

export function ApiKeys() {
	const { client } = useTenant()
	const { data, refusal, reload } = useLoad(useCallback(() => client.get<ApiKey[]>('/v1/api-keys'), [client]))
	const live = data?.filter((key) => !key.revoked_at) ?? []
	return (
		<>
			<Refused refusal={refusal ?? null} />
			<List disablePadding sx={{ mb: 2 }}>
				{live.map((key) => (
					<KeyLine key={key.id} apiKey={key} revoked={reload} />
				))}
			</List>
			<NewKey made={reload} />
		</>
	)
}

function KeyLine({ apiKey: key, revoked }: { apiKey: ApiKey; revoked: () => Promise<void> }) {
	const text = useText()
	const roleName = useRoleName()
	const { client } = useTenant()
	const [asking, setAsking] = useState(false)
	const used = key.last_used_at ? text('keys.used', { when: agoOf(key.last_used_at) }) : text('keys.unused')
	const revoke = async () => {
		await client.ask(`/v1/api-keys/${key.id}`, { method: 'DELETE' })
		await revoked()
	}
	return (
		<ListItem disableGutters>
			<ListItemText primary={key.name} secondary={`${roleName(key.role)} · ${used} · ${text('keys.expires', { when: dayOf(key.expires_at) })}`} />
			<Button color="error" aria-label={text('keys.revoke_named', { name: key.name })} onClick={() => setAsking(true)}>
				{text('keys.revoke')}
			</Button>
			{asking && (
				<Confirm
					title={text('keys.ask', { name: key.name })}
					intro={text('keys.ask_intro')}
					button={text('keys.revoke')}
					name={key.name}
					act={revoke}
					close={() => setAsking(false)}
				/>
			)}
		</ListItem>
	)
}
