/** Inviting several addresses at once, with the verdict for each. */
import List from '@mui/material/List'
import ListItem from '@mui/material/ListItem'
import ListItemText from '@mui/material/ListItemText'
import MenuItem from '@mui/material/MenuItem'
import Stack from '@mui/material/Stack'
import type { Client } from 'ra-data-tenantd'
import { useCallback, useState } from 'react'
import { type Key, useText } from '../messages'
import { givenBy, type Role } from '../session/types'
import { useRoleName } from '../tenant/labels'
import { Field } from '../ui/Field'
import { Submit } from '../ui/Submit'
import { Refused, Told } from '../ui/Told'
import { type Refusal, useSubmit } from '../ui/useSubmit'

interface Verdict {
	email: string
	verdict: 'invited' | 'member' | 'suspended' | 'pending'
}

interface Props {
	client: Client
	/** Of whoever invites: nobody gives a role above their own. */
	role: Role
	invited: () => void
}

const addressesIn = (written: string) => [...new Set(written.split(/[\s,;]+/).filter(Boolean))]

/** The server names the place of a malformed address in the list; people want to read the address itself. */
function atAddresses(refusal: Refusal | null, emails: string[]): Refusal | null {
	if (!refusal) return null
	const entry = Object.entries(refusal.fields).find(([name]) => name.startsWith('emails'))
	if (!entry) return refusal
	const index = /\d+/.exec(entry[0])?.[0]
	const address = index === undefined ? undefined : emails[Number(index)]
	return { ...refusal, fields: { ...refusal.fields, emails: [address, entry[1]].filter(Boolean).join(': ') } }
}

export function InviteForm({ client, role: own, invited }: Props) {
	const text = useText()
	const roleName = useRoleName()
	const [written, setWritten] = useState('')
	const [role, setRole] = useState<Role>('member')
	const [verdicts, setVerdicts] = useState<Verdict[]>([])
	const emails = addressesIn(written)
	const act = useCallback(async () => {
		const found = await client.post<Verdict[]>('/v1/invitations/batch', { emails: addressesIn(written), role })
		setVerdicts(found)
		setWritten('')
		invited()
	}, [client, written, role, invited])
	const { busy, refusal, submit } = useSubmit(act)
	const shown = atAddresses(refusal, emails)
	return (
		<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
			<Refused refusal={shown} fields={['emails', 'role']} />
			<Stack direction={{ xs: 'column', sm: 'row' }} sx={{ gap: 2, alignItems: 'start' }}>
				<Field
					name="emails"
					label={text('field.email')}
					helperText={text('invite.help')}
					multiline
					minRows={1}
					maxRows={8}
					value={written}
					onChange={setWritten}
					refusal={shown}
				/>
				<Field
					select
					name="role"
					label={text('field.role')}
					value={role}
					onChange={(value) => setRole(value as Role)}
					refusal={refusal}
					sx={{ width: { sm: 180 }, flexShrink: 0 }}
				>
					{givenBy(own).map((r) => (
						<MenuItem key={r} value={r}>
							{roleName(r)}
						</MenuItem>
					))}
				</Field>
				<Submit busy={busy} disabled={emails.length === 0} sx={{ height: 37, flexShrink: 0 }}>
					{text('act.invite')}
				</Submit>
			</Stack>
			{verdicts.length > 0 && (
				<Told severity={verdicts.every((v) => v.verdict === 'invited') ? 'success' : 'info'}>
					<List dense disablePadding>
						{verdicts.map((v) => (
							<ListItem key={v.email} disablePadding>
								<ListItemText primary={`${v.email}: ${text(`verdict.${v.verdict}` as Key)}`} />
							</ListItem>
						))}
					</List>
				</Told>
			)}
		</Stack>
	)
}
