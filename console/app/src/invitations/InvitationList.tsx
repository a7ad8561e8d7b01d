import Button from '@mui/material/Button'
import Card from '@mui/material/Card'
import Stack from '@mui/material/Stack'
import { DataTable, SelectInput, useRecordContext, useRefresh } from 'react-admin'
import { Person } from '../members/Person'
import { useText } from '../messages'
import type { Role } from '../session/types'
import { StatusChip, useRoleName } from '../tenant/labels'
import { useTenant } from '../tenant/Tenant'
import { Col } from '../ui/Col'
import { EntryList } from '../ui/EntryList'
import { selectableRows } from '../ui/SelectableRows'
import { useChange } from '../ui/useChange'
import { agoOf } from '../ui/when'
import { BulkActs } from './BulkActs'
import { InviteForm } from './InviteForm'
import { isOpen, resend, revoke } from './acts'

interface Invitation {
	id: string
	email: string
	role: Role
	status: 'pending' | 'accepted' | 'declined' | 'revoked' | 'expired'
	invited_by: string
	sent_at: string
	expires_at: string
}

const STATUSES = ['pending', 'accepted', 'declined', 'revoked', 'expired'] as const

export function InvitationList() {
	const text = useText()
	const roleName = useRoleName()
	const filters = [
		<SelectInput key="status" alwaysOn source="status" label={text('field.status')} choices={STATUSES.map((id) => ({ id, name: text(`status.${id}`) }))} translateChoice={false} />,
	]
	return (
		<>
			<Invite />
			<EntryList title={text('invitations.title')} filters={filters}>
				<DataTable body={Rows} bulkActionButtons={<BulkActs />} isRowSelectable={(i: Invitation) => isOpen(i.status)} rowClick={false}>
					<Col card="title" source="email" label={text('field.email')} disableSort />
					<Col label={text('field.role')} disableSort render={(i: Invitation) => roleName(i.role)} />
					<Col label={text('field.status')} disableSort render={(i: Invitation) => <StatusChip status={i.status} />} />
					<Col label={text('invitations.by')} disableSort render={(i: Invitation) => <Person id={i.invited_by} />} />
					<Col label={text('invitations.sent')} disableSort render={(i: Invitation) => agoOf(i.sent_at)} />
					<Col label={text('invitations.expires')} disableSort render={(i: Invitation) => i.status === 'pending' && agoOf(i.expires_at)} />
					<Col card="acts" label={text('acts')} disableSort align="right">
						<Acts />
					</Col>
				</DataTable>
			</EntryList>
		</>
	)
}

const Rows = selectableRows((record) => String(record?.email))

function Invite() {
	const { client, membership } = useTenant()
	const refresh = useRefresh()
	return (
		<Card sx={{ p: 2, mt: 2 }}>
			<InviteForm client={client} role={membership.role} invited={refresh} />
		</Card>
	)
}

function Acts() {
	const text = useText()
	const { client } = useTenant()
	const { busy, change } = useChange()
	const invitation = useRecordContext<Invitation>()
	if (!invitation) return null
	const { id, email, status } = invitation
	if (!isOpen(status)) return null
	return (
		<Stack direction="row" sx={{ justifyContent: 'flex-end', gap: 0.5 }}>
			<Button disabled={busy} onClick={() => void change(() => resend(client, id), text('invitations.resent', { email }))}>
				{text('invitations.resend')}
			</Button>
			<Button
				disabled={busy}
				color="error"
				onClick={() => void change(() => revoke(client, id), text('invitations.revoked', { email }))}
			>
				{text('invitations.revoke')}
			</Button>
		</Stack>
	)
}
