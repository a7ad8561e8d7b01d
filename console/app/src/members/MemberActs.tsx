/** What may be done with a member: suspend and reactivate at once, the rest after a question. */
import MoreVert from '@mui/icons-material/MoreVert'
import Button from '@mui/material/Button'
import IconButton from '@mui/material/IconButton'
import Menu from '@mui/material/Menu'
import MenuItem from '@mui/material/MenuItem'
import Stack from '@mui/material/Stack'
import { useState } from 'react'
import { useRecordContext, useRefresh } from 'react-admin'
import { useNavigate } from 'react-router-dom'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { isAtLeast } from '../session/types'
import { useTenant } from '../tenant/Tenant'
import { Confirm } from '../ui/Confirm'
import { useChange } from '../ui/useChange'
import type { Member } from './types'

type Question = 'suspend' | 'remove' | 'offer' | 'leave'

export function MemberActs() {
	const text = useText()
	const { membership, client } = useTenant()
	const { me } = useSession()
	const { busy, change } = useChange()
	const [anchor, setAnchor] = useState<HTMLElement | null>(null)
	const [question, setQuestion] = useState<Question>()
	const member = useRecordContext<Member & { id: string }>()
	if (!member) return null
	const name = member.name ?? member.email ?? member.user_id
	const isMe = member.user_id === me?.user.id
	const mayChange = !isMe && isAtLeast(membership.role, 'tenant_admin') && isAtLeast(membership.role, member.role)
	const mayOffer = !isMe && membership.role === 'owner' && member.status === 'active' && member.role !== 'owner'
	const setStatus = (status: Member['status']) => client.ask(`/v1/members/${member.user_id}`, { method: 'PATCH', body: { status } })
	const ask = (which: Question) => () => {
		setAnchor(null)
		setQuestion(which)
	}
	return (
		<Stack direction="row" sx={{ justifyContent: 'flex-end', gap: 0.5 }}>
			{mayChange && member.status === 'active' && <Button onClick={ask('suspend')}>{text('act.suspend')}</Button>}
			{mayChange && member.status === 'suspended' && (
				<Button disabled={busy} onClick={() => void change(() => setStatus('active'), text('members.reactivated', { name }))}>
					{text('act.reactivate')}
				</Button>
			)}
			{isMe && <Button onClick={ask('leave')}>{text('members.leave')}</Button>}
			{mayChange && (
				<IconButton size="small" aria-label={text('members.more', { name })} aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget)}>
					<MoreVert fontSize="small" />
				</IconButton>
			)}
			<Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
				{mayOffer && <MenuItem onClick={ask('offer')}>{text('members.offer')}</MenuItem>}
				<MenuItem onClick={ask('remove')}>{text('members.remove')}</MenuItem>
			</Menu>
			{question && <Ask question={question} member={member} name={name} suspend={() => setStatus('suspended')} close={() => setQuestion(undefined)} />}
		</Stack>
	)
}

interface AskProps {
	question: Question
	member: Member
	name: string
	suspend: () => Promise<unknown>
	close: () => void
}

function Ask({ question, member, name, suspend, close }: AskProps) {
	const text = useText()
	const go = useNavigate()
	const refresh = useRefresh()
	const { reload } = useSession()
	const { membership, client } = useTenant()
	const acts: Record<Question, () => Promise<unknown>> = {
		suspend,
		remove: () => client.ask(`/v1/members/${member.user_id}`, { method: 'DELETE' }),
		offer: () => client.post('/v1/tenant/ownership-offers', { user_id: member.user_id }),
		leave: async () => {
			await client.post('/v1/members/leave')
			await reload()
			go('/tenants')
		},
	}
	const act = async () => {
		await acts[question]()
		refresh()
	}
	const needsName = { suspend: undefined, remove: name, offer: undefined, leave: membership.name }[question]
	const button = { suspend: text('act.suspend'), remove: text('members.remove'), offer: text('members.offer'), leave: text('members.leave') }[question]
	return (
		<Confirm
			title={text(`members.ask_${question}`, { name, tenant: membership.name })}
			intro={text(`members.ask_${question}_intro`, { name, tenant: membership.name })}
			button={button}
			name={needsName}
			harmless={question === 'offer'}
			act={act}
			close={close}
		/>
	)
}
