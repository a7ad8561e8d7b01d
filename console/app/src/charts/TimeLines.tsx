/** Values over time, a line for each series. */
import { locale } from '../messages/choice'
import { useText } from '../messages'
import { useColours } from './colours'
import { Figure } from './Figure'
import { Plot } from './Plot'
import { numberOf, ticks } from './ticks'
import type { Track } from './types'

const DAY_MS = 86_400_000
const LABELS = 4

interface Props {
	title: string
	note?: string
	tracks: Track[]
	/** Days have no zone; moments are shown in the zone of whoever looks. */
	isDays: boolean
	nothing: string
}

export function TimeLines({ title, note, tracks, isDays, nothing }: Props) {
	const text = useText()
	const colours = useColours()
	const points = tracks.flatMap((track) => track.points.map((point) => ({ ...point, name: track.name })))
	const [from, to] = rangeOf(points.map((p) => p.at))
	const [least, most] = rangeOf(points.map((p) => p.value))
	const zone = isDays ? { timeZone: 'UTC' } : {}
	const exact = new Intl.DateTimeFormat(locale, isDays ? { dateStyle: 'medium', ...zone } : { dateStyle: 'medium', timeStyle: 'short' })
	const axis = new Intl.DateTimeFormat(locale, isDays ? { ...DATE, ...zone } : axisOf(to - from))
	const several = tracks.length > 1
	const below = Array.from({ length: LABELS }, (_, index) => index / (LABELS - 1)).map((at) => ({ at, name: axis.format(from + at * (to - from)) }))
	const label = points.length
		? text('chart.line', { title, count: points.length, from: exact.format(from), to: exact.format(to), least: numberOf(least), most: numberOf(most) })
		: title
	return (
		<Figure
			title={title}
			note={note}
			legend={several ? tracks.map((t) => t.name) : undefined}
			nothing={points.length === 0 ? nothing : undefined}
			numbers={{
				head: [text('chart.time'), ...(several ? [text('chart.series')] : []), text('chart.value')],
				rows: [...points].sort((a, b) => b.at - a.at).map((p) => [exact.format(p.at), ...(several ? [p.name] : []), numberOf(p.value)]),
			}}
		>
			<Plot label={label} ticks={ticks(least, most)} below={from === to ? below.slice(0, 1) : below}>
				{({ left, width, y }) => {
					const x = (at: number) => left + (from === to ? 0.5 : (at - from) / (to - from)) * width
					const few = points.length <= width / 8
					return tracks.map((track, which) => (
						<g key={track.name}>
							{!track.isLoose && <polyline points={track.points.map((p) => `${x(p.at)},${y(p.value)}`).join(' ')} fill="none" stroke={colours[which]} strokeWidth={1.75} strokeLinejoin="round" />}
							{(few || track.isLoose || track.points.length === 1) &&
								track.points.map((p, index) => (
									<circle key={index} cx={x(p.at)} cy={y(p.value)} r={3} fill={colours[which]}>
										<title>{`${track.name}\n${exact.format(p.at)}: ${numberOf(p.value)}`}</title>
									</circle>
								))}
						</g>
					))
				}}
			</Plot>
		</Figure>
	)
}

const DATE = { day: 'numeric', month: 'short' } as const
const TIME = { hour: '2-digit', minute: '2-digit' } as const

/** No more than is needed to tell the labels apart. */
function axisOf(span: number): Intl.DateTimeFormatOptions {
	if (span < DAY_MS) return TIME
	return span < 4 * DAY_MS ? { weekday: 'short', ...TIME } : DATE
}

const rangeOf = (values: number[]): [number, number] =>
	values.reduce<[number, number]>(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [values[0] ?? 0, values[0] ?? 0])
