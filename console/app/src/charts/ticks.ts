/** Round numbers that divide an axis, and how the numbers of a chart are written. */
import { locale } from '../messages/choice'

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 })
const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 2 })

export const numberOf = (value: number) => whole.format(value)
export const shortNumber = (value: number) => compact.format(value)

/** From at or below `least` to at or above `most`, in steps of 1, 2 or 5 times a power of ten. */
export function ticks(least: number, most: number, wanted = 4, isWhole = false): number[] {
	const span = most > least ? most - least : Math.abs(most) || 1
	const power = 10 ** Math.floor(Math.log10(span / wanted))
	const fit = [1, 2, 5, 10].map((factor) => factor * power).find((step) => span / step <= wanted) ?? span
	const step = isWhole ? Math.max(1, fit) : fit
	const first = Math.floor(least / step)
	const last = Math.max(first + 1, Math.ceil(most / step))
	// Multiples and not sums, and cut to the digits of the step: 3 * 0.1 is no round number.
	return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)))
}
