import Button from '@mui/material/Button'
import { useState } from 'react'
import { useRefresh } from 'react-admin'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import { Confirm } from '../ui/Confirm'
import { Field } from '../ui/Field'
import type { SystemTenant } from './types'

export function Rename({ tenant }: { tenant: SystemTenant }) {
	const text = useText()
	const [open, setOpen] = useState(false)
	return (
		<>
			<Button onClick={() => setOpen(true)}>{text('system.rename')}</Button>
			{open && <Names tenant={tenant} close={() => setOpen(false)} />}
		</>
	)
}

function Names({ tenant, close }: { tenant: SystemTenant; close: () => void }) {
	const text = useText()
	const refresh = useRefresh()
	const { client } = useSession()
	const [names, setNames] = useState({ name: tenant.name, organization_name: tenant.organization_name ?? '', slug: tenant.slug })
	const changed = Object.fromEntries(Object.entries(names).filter(([key, value]) => value.trim() && value !== tenant[key as keyof typeof names]))
	const labels = { name: text('tenant.name'), organization_name: text('tenant.organization_name'), slug: text('field.slug') }
	const act = async (reason: string) => {
		await client.ask(`/v1/admin/tenants/${tenant.id}`, { method: 'PATCH', body: { ...changed, reason } })
		refresh()
	}
	return (
		<Confirm
			title={text('system.rename_title', { name: tenant.name })}
			intro={text('system.rename_intro')}
			button={text('act.save')}
			asksReason
			harmless
			isReady={Object.keys(changed).length > 0}
			act={act}
			close={close}
		>
			{(['name', 'organization_name', 'slug'] as const).map((key) => (
				<Field key={key} name={key} label={labels[key]} value={names[key]} onChange={(value) => setNames({ ...names, [key]: value })} />
			))}
		</Confirm>
	)
}
