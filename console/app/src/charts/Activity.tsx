/** What was done in a tenant, by day and by kind of object. */
import { useCallback, useState } from 'react'
import { useText } from '../messages'
import { titleOf } from '../rows/catalog'
import { useTenant } from '../tenant/Tenant'
import { Refused } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { COLOURS } from './colours'
import { DayBars } from './DayBars'
import { DaysChoice, USUAL_DAYS } from './DaysChoice'
import { byDay, lastDays, sum } from './days'
import type { Series } from './types'

interface Count {
	day: string
	object_type: string
	count: number
}

export default function Activity() {
	const text = useText()
	const { client } = useTenant()
	const [range, setRange] = useState(USUAL_DAYS)
	const { data, refusal } = useLoad(useCallback(() => client.get<Count[]>('/v1/audit/activity', { days: range }), [client, range]))
	if (!data) return <Refused refusal={refusal ?? null} />
	const days = lastDays(range)
	const nameOf = (type: string) => (type === 'route' ? text('chart.refusals') : titleOf(type))
	return (
		<DayBars
			title={text('chart.activity')}
			corner={<DaysChoice value={range} onChange={setRange} />}
			days={days}
			series={seriesOf(data, days, nameOf, text('chart.others'))}
			nothing={text('chart.no_activity')}
		/>
	)
}

/** The most frequent kinds; the others together have the last colour. */
function seriesOf(counts: Count[], days: string[], nameOf: (type: string) => string, others: string): Series[] {
	const all = [...new Set(counts.map((c) => c.object_type))]
		.map((type) => ({ name: nameOf(type), values: byDay(days, counts.filter((c) => c.object_type === type)) }))
		.sort((a, b) => sum(b.values) - sum(a.values))
	const rest = all.slice(COLOURS - 1)
	if (rest.length <= 1) return all
	return [...all.slice(0, COLOURS - 1), { name: others, values: days.map((_, index) => sum(rest.map((s) => s.values[index] ?? 0))) }]
}
