/** A bar per day, made of one piece per series. */
import { useTheme } from '@mui/material/styles'
import type { ReactNode } from 'react'
import { useText } from '../messages'
import { useColours } from './colours'
import { shortDay, sum, totals } from './days'
import { Figure } from './Figure'
import { Plot } from './Plot'
import { numberOf, ticks } from './ticks'
import type { Series } from './types'

/** How many days have their date written below. */
const LABELS = 4
const WIDEST = 28

interface Props {
	title: string
	days: string[]
	series: Series[]
	nothing: string
	corner?: ReactNode
}

export function DayBars({ title, days, series, nothing, corner }: Props) {
	const text = useText()
	const colours = useColours()
	const { palette } = useTheme()
	const all = totals(days, series)
	const most = Math.max(0, ...all)
	const total = sum(all)
	const best = days[all.indexOf(most)] ?? ''
	const label = text('chart.days', { title, total: numberOf(total), days: days.length, day: shortDay(best), most: numberOf(most) })
	const labelEvery = Math.ceil(days.length / LABELS)
	const below = days.map((day, index) => ({ at: (index + 0.5) / days.length, name: shortDay(day) })).filter((_, index) => (days.length - 1 - index) % labelEvery === 0)
	const several = series.length > 1
	return (
		<Figure
			title={title}
			note={text('chart.utc', { days: days.length })}
			corner={corner}
			legend={several ? series.map((s) => s.name) : undefined}
			nothing={total === 0 ? nothing : undefined}
			numbers={{
				head: [text('chart.day'), ...series.map((s) => s.name), ...(several ? [text('chart.sum')] : [])],
				rows: days.map((day, index) => [shortDay(day), ...series.map((s) => numberOf(s.values[index] ?? 0)), ...(several ? [numberOf(all[index] ?? 0)] : [])]),
			}}
		>
			<Plot label={label} ticks={ticks(0, most, 4, true)} below={below}>
				{({ left, width, top, height, y }) => {
					const step = width / days.length
					const bar = Math.min(WIDEST, step * 0.76)
					return days.map((day, index) => {
						let base = 0
						return (
							<g key={day}>
								<title>{[shortDay(day), ...series.map((s) => `${s.name}: ${numberOf(s.values[index] ?? 0)}`)].join('\n')}</title>
								<rect x={left + index * step} y={top} width={step} height={height} fill="transparent" />
								{series.map(({ name, values }, which) => {
									const bottom = base
									base += values[index] ?? 0
									// The line of the paper's colour tells pieces apart without their colours.
									return base > bottom ? (
										<rect key={name} x={left + (index + 0.5) * step - bar / 2} y={y(base)} width={bar} height={y(bottom) - y(base)} fill={colours[which]} stroke={palette.background.paper} strokeWidth={0.75} />
									) : null
								})}
							</g>
						)
					})
				}}
			</Plot>
		</Figure>
	)
}
