import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import List from '@mui/material/List'
import ListItem from '@mui/material/ListItem'
import ListItemText from '@mui/material/ListItemText'
import { useCallback } from 'react'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { Refused } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { useSubmit } from '../ui/useSubmit'
import { agoOf } from '../ui/when'
import { clientName } from './clientName'

interface Row {
	id: string
	client: string | null
	created_at: string
	used_at: string
	current: boolean
}

export function Sessions() {
	const text = useText()
	const { client, signOut } = useSession()
	const { data, refusal, reload } = useLoad(useCallback(() => client.get<Row[]>('/v1/auth/sessions'), [client]))
	const endAll = useSubmit(
		useCallback(async () => {
			await client.post('/v1/auth/logout-everywhere')
			await signOut()
		}, [client, signOut]),
	)
	return (
		<>
			<Refused refusal={refusal ?? endAll.refusal} />
			<List disablePadding>
				{data?.map((row) => (
					<SessionLine key={row.id} row={row} ended={reload} />
				))}
			</List>
			<Button variant="outlined" color="error" sx={{ mt: 1 }} loading={endAll.busy} onClick={() => void endAll.submit()}>
				{text('sessions.end_all')}
			</Button>
		</>
	)
}

function SessionLine({ row, ended }: { row: Row; ended: () => Promise<void> }) {
	const text = useText()
	const { client } = useSession()
	const end = useSubmit(
		useCallback(async () => {
			await client.ask(`/v1/auth/sessions/${row.id}`, { method: 'DELETE' })
			await ended()
		}, [client, row.id, ended]),
	)
	const name = clientName(row.client) || text('sessions.unknown')
	return (
		<ListItem disableGutters sx={{ gap: 1 }}>
			<ListItemText
				primary={name}
				secondary={end.refusal?.message ?? text('sessions.used', { when: agoOf(row.used_at), since: agoOf(row.created_at) })}
			/>
			{row.current ? (
				<Chip color="success" variant="outlined" label={text('sessions.this')} />
			) : (
				<Button loading={end.busy} aria-label={text('sessions.end_named', { name })} onClick={() => void end.submit()}>
					{text('sessions.end')}
				</Button>
			)}
		</ListItem>
	)
}
