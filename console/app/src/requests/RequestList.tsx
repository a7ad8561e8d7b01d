/** Who asks to join, and the decision. */
import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import MenuItem from '@mui/material/MenuItem'
import Stack from '@mui/material/Stack'
import TextField from '@mui/material/TextField'
import { useState } from 'react'
import { DataTable, useRecordContext } from 'react-admin'
import { useText } from '../messages'
import { givenBy, type Role } from '../session/types'
import { useRoleName } from '../tenant/labels'
import { useTenant } from '../tenant/Tenant'
import { Nothing } from '../ui/Nothing'
import { Col } from '../ui/Col'
import { EntryList } from '../ui/EntryList'
import { useChange } from '../ui/useChange'
import { agoOf } from '../ui/when'

interface JoinRequest {
	id: string
	user_id: string
	email: string | null
	email_verified: boolean
	name: string | null
	message: string | null
	requested_at: string
}

export function RequestList() {
	const text = useText()
	const empty = <Nothing title={text('requests.none')} intro={text('requests.none_intro')} />
	return (
		<EntryList title={text('requests.title')} empty={empty}>
			<DataTable bulkActionButtons={false} rowClick={false}>
				<Col card="title" label={text('field.name')} disableSort render={(r: JoinRequest) => <Who request={r} />} />
				<Col source="message" label={text('requests.message')} disableSort />
				<Col label={text('requests.asked')} disableSort render={(r: JoinRequest) => agoOf(r.requested_at)} />
				<Col card="acts" label={text('acts')} disableSort align="right">
					<Decision />
				</Col>
			</DataTable>
		</EntryList>
	)
}

function Who({ request }: { request: JoinRequest }) {
	const text = useText()
	return (
		<Stack sx={{ py: 0.25, gap: 0.25, alignItems: 'start' }}>
			<span>{request.name ?? request.email}</span>
			{request.name && <Stack component="span" sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>{request.email}</Stack>}
			{!request.email_verified && <Chip color="warning" variant="outlined" label={text('requests.unverified')} />}
		</Stack>
	)
}

function Decision() {
	const text = useText()
	const roleName = useRoleName()
	const { client, membership } = useTenant()
	const { busy, change } = useChange()
	const [role, setRole] = useState<Role>('member')
	const request = useRecordContext<JoinRequest>()
	if (!request) return null
	const name = request.name ?? request.email ?? ''
	const decide = (verb: 'approve' | 'reject', body: object, done: string) => void change(() => client.post(`/v1/join-requests/${request.user_id}/${verb}`, body), done)
	return (
		<Stack direction="row" sx={{ justifyContent: 'flex-end', gap: 1, alignItems: 'center' }}>
			<TextField
				select
				fullWidth={false}
				value={role}
				onChange={(event) => setRole(event.target.value as Role)}
				slotProps={{ select: { SelectDisplayProps: { 'aria-label': text('requests.as', { name }) } as object } }}
			>
				{givenBy(membership.role).map((r) => (
					<MenuItem key={r} value={r}>
						{roleName(r)}
					</MenuItem>
				))}
			</TextField>
			<Button variant="contained" disabled={busy} onClick={() => decide('approve', { role }, text('requests.approved', { name }))}>
				{text('act.approve')}
			</Button>
			<Button color="error" disabled={busy} onClick={() => decide('reject', {}, text('requests.rejected', { name }))}>
				{text('act.reject')}
			</Button>
		</Stack>
	)
}
