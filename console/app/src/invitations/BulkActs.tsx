/** Acts on the invitations that are ticked, one after the other; each button says how many they are. */
import Button from '@mui/material/Button'
import { useListContext } from 'react-admin'
import { useText } from '../messages'
import { useTenant } from '../tenant/Tenant'
import { useChange } from '../ui/useChange'
import { resend, revoke } from './acts'

// The bar has a colour of its own, on which their texts could not be read.
const BUTTON = { bgcolor: 'background.paper' }

export function BulkActs() {
	const text = useText()
	const { client } = useTenant()
	const { busy, change } = useChange()
	const { selectedIds, onSelect } = useListContext()
	const count = selectedIds.length
	// The bar is folded then, but the keyboard would still find its buttons.
	if (count === 0) return null
	// What is done loses its tick, so that after a refusal those are ticked that are still to do.
	const each = (act: typeof resend) => async () => {
		let done = 0
		try {
			for (const id of selectedIds) {
				await act(client, String(id))
				done++
			}
		} finally {
			onSelect(selectedIds.slice(done))
		}
	}
	return (
		<>
			<Button sx={BUTTON} variant="outlined" disabled={busy} onClick={() => void change(each(resend), text('invitations.resent_count', { count }))}>
				{text('invitations.resend_count', { count })}
			</Button>
			<Button sx={BUTTON} variant="outlined" disabled={busy} color="error" onClick={() => void change(each(revoke), text('invitations.revoked_count', { count }))}>
				{text('invitations.revoke_count', { count })}
			</Button>
		</>
	)
}
