/** The numbers of a table over time, of the rows that the filters of its list leave. */
import MenuItem from '@mui/material/MenuItem'
import Stack from '@mui/material/Stack'
import type { TenantdDataProvider } from 'ra-data-tenantd'
import { useCallback, useState } from 'react'
import { type RaRecord, useDataProvider, useListContext } from 'react-admin'
import { useText } from '../messages'
import { useThis } from '../rows/Catalog'
import { type Column, type Described, kindOf, labelColumn, titleOf } from '../rows/catalog'
import { overTime } from '../rows/overTime'
import { Field } from '../ui/Field'
import { Refused } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { COLOURS } from './colours'
import { TimeLines } from './TimeLines'
import type { Track } from './types'

/** What one page of the API can have. */
const NEWEST = 1000

export default function RowsOverTime() {
	const r = useThis()
	const text = useText()
	const found = overTime(r)
	const [chosen, setChosen] = useState(found?.values[0]?.name ?? '')
	const rows = useNewest(found?.time.name ?? r.key)
	if (!found) return null
	const { time, values } = found
	if (!rows.data) return <Refused refusal={rows.refusal ?? null} />
	const tracks = tracksOf(rows.data, r, time, chosen)
	const notes = [
		rows.data.length < NEWEST ? '' : text('chart.newest', { count: NEWEST }),
		tracks.length <= COLOURS ? '' : text('chart.frequent', { count: COLOURS }),
	]
	return (
		<Stack sx={{ gap: 1.5, p: 1.5 }}>
			{values.length > 1 && (
				<Field select name="chart-value" label={text('chart.value')} value={chosen} onChange={setChosen} sx={{ maxWidth: 240 }}>
					{values.map((c) => (
						<MenuItem key={c.name} value={c.name}>
							{titleOf(c.name)}
						</MenuItem>
					))}
				</Field>
			)}
			<TimeLines
				title={text('chart.over', { value: titleOf(chosen), time: titleOf(time.name).toLowerCase() })}
				note={notes.filter(Boolean).join(' ')}
				tracks={tracks.slice(0, COLOURS)}
				isDays={kindOf(time) === 'date'}
				nothing={text('chart.no_values')}
			/>
		</Stack>
	)
}

function useNewest(time: string) {
	const provider = useDataProvider<TenantdDataProvider>()
	const { resource, filterValues } = useListContext()
	const filter = JSON.stringify(filterValues ?? {})
	return useLoad(
		useCallback(async () => {
			const sort = { field: time, order: 'DESC' } as const
			const { data } = await provider.getList(resource, { filter: JSON.parse(filter), sort, pagination: { page: 1, perPage: NEWEST } })
			return data as RaRecord[]
		}, [provider, resource, filter, time]),
	)
}

/** A line per name where names come back often enough to make lines; else one line of all. */
function tracksOf(rows: RaRecord[], r: Described, time: Column, value: string): Track[] {
	const label = r.columns.find((c) => c.name === labelColumn(r))
	const points = rows
		.filter((row) => row[value] !== null && row[value] !== undefined)
		.map((row) => ({ name: String(label ? row[label.name] : ''), at: new Date(row[time.name] as string).getTime(), value: Number(row[value]) }))
		.reverse()
	const byName = new Map<string, Track>()
	for (const { name, at, value: y } of points) {
		const track = byName.get(name) ?? { name, points: [] }
		track.points.push({ at, value: y })
		byName.set(name, track)
	}
	const all = [...byName.values()].sort((a, b) => b.points.length - a.points.length)
	const isOfNames = all.length <= 1 || all.length * 2 <= points.length
	const isLoose = new Set(points.map((p) => p.at)).size < points.length
	return isOfNames ? all : [{ name: titleOf(value), points, isLoose }]
}
