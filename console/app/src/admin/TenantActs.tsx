/** Suspending, reactivating, closing and reopening a tenant, each with a reason that its people can read. */
import Button from '@mui/material/Button'
import { useState } from 'react'
import { useRecordContext, useRefresh } from 'react-admin'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import type { TenantStatus } from '../session/types'
import { Confirm } from '../ui/Confirm'
import { Field } from '../ui/Field'
import { Rename } from './Rename'
import type { SystemTenant } from './types'

const ACTS = ['suspend', 'reactivate', 'close', 'reopen'] as const
type Act = (typeof ACTS)[number]

const FROM: Record<Act, TenantStatus[]> = {
	suspend: ['onboarding', 'active'],
	reactivate: ['suspended'],
	close: ['onboarding', 'active', 'suspended'],
	reopen: ['closed'],
}

export function TenantActs() {
	const text = useText()
	const refresh = useRefresh()
	const { client } = useSession()
	const [asked, setAsked] = useState<Act>()
	const [days, setDays] = useState('30')
	const tenant = useRecordContext<SystemTenant>()
	if (!tenant) return null
	const isTaken = asked === 'suspend' || asked === 'close'
	const act = async (reason: string) => {
		await client.post(`/v1/admin/tenants/${tenant.id}/${asked}`, { reason, ...(asked === 'close' && { grace_days: Number(days) }) })
		refresh()
	}
	return (
		<>
			<Rename tenant={tenant} />
			{ACTS.filter((a) => FROM[a].includes(tenant.status)).map((a) => (
				<Button key={a} color={a === 'suspend' || a === 'close' ? 'error' : 'primary'} onClick={() => setAsked(a)}>
					{text(`act.${a}`)}
				</Button>
			))}
			{asked && (
				<Confirm
					title={text(`system.ask_${asked}`, { name: tenant.name })}
					intro={text(`system.ask_${asked}_intro`, { days })}
					button={text(`act.${asked}`)}
					name={isTaken ? tenant.name : undefined}
					asksReason
					harmless={!isTaken}
					act={act}
					close={() => setAsked(undefined)}
				>
					{asked === 'close' && <Field name="grace_days" type="number" label={text('system.grace_days')} value={days} onChange={setDays} />}
				</Confirm>
			)}
		</>
	)
}
