/** Days of UTC, as the API counts them, and how people read them. */
import { locale } from '../messages/choice'
import type { Series } from './types'

const short = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' })
const DAY_MS = 86_400_000

export const shortDay = (day: string) => short.format(new Date(day))

/** The last days, today included, oldest first. */
export function lastDays(count: number): string[] {
	const today = Date.now()
	return Array.from({ length: count }, (_, index) => new Date(today - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10))
}

/** One value per day; a day that nothing is said of has none. */
export function byDay(days: string[], found: { day: string; count: number }[]): number[] {
	const counts = new Map<string, number>()
	for (const { day, count } of found) counts.set(day, (counts.get(day) ?? 0) + count)
	return days.map((day) => counts.get(day) ?? 0)
}

export const sum = (values: number[]) => values.reduce((all, value) => all + value, 0)

/** What the days have all together. */
export const totals = (days: string[], series: Series[]) => days.map((_, index) => sum(series.map((s) => s.values[index] ?? 0)))
