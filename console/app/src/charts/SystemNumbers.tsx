/** The numbers of an environment: its tenants, who came, and what was refused. */
import Box from '@mui/material/Box'
import { useCallback, useState } from 'react'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import type { TenantStatus } from '../session/types'
import { Refused } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { Amounts } from './Amounts'
import { DayBars } from './DayBars'
import { byDay, lastDays } from './days'
import { DaysChoice, USUAL_DAYS } from './DaysChoice'

const STATUSES: TenantStatus[] = ['active', 'onboarding', 'suspended', 'closed']

interface Numbers {
	tenants: Record<TenantStatus, number>
	signups: { day: string; count: number }[]
	refusals: { code: string; count: number }[]
}

export default function SystemNumbers() {
	const text = useText()
	const { client } = useSession()
	const [range, setRange] = useState(USUAL_DAYS)
	const { data, refusal } = useLoad(useCallback(() => client.get<Numbers>('/v1/admin/activity', { days: range }), [client, range]))
	if (!data) return <Refused refusal={refusal ?? null} />
	const days = lastDays(range)
	return (
		<Box sx={{ display: 'grid', gap: 2, alignItems: 'start', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'minmax(0, 1fr) minmax(0, 1fr)' } }}>
			<Box sx={{ gridColumn: '1 / -1', justifySelf: 'end', mt: { sm: -5.5 } }}>
				<DaysChoice value={range} onChange={setRange} />
			</Box>
			<Amounts
				title={text('chart.tenants')}
				amounts={STATUSES.map((status) => ({ name: text(`status.${status}`), count: data.tenants[status] }))}
				nothing={text('chart.no_tenants')}
			/>
			<Amounts
				title={text('chart.refusals')}
				note={text('chart.last_days', { days: range })}
				amounts={data.refusals.map(({ code, count }) => ({ name: code, count }))}
				nothing={text('chart.no_refusals')}
			/>
			<Box sx={{ gridColumn: '1 / -1', minWidth: 0 }}>
				<DayBars title={text('chart.signups')} days={days} series={[{ name: text('chart.signups'), values: byDay(days, data.signups) }]} nothing={text('chart.no_signups')} />
			</Box>
		</Box>
	)
}
