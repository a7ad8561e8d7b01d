/** Times as people read them, in their own zone, which is shown; the machine's form is in a tooltip. */
import { locale } from '../messages/choice'

const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })
const ago = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })

export const momentOf = (time: string) => moment.format(new Date(time))
export const dayOf = (time: string) => day.format(new Date(time))

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
	['minute', 60],
	['hour', 3600],
	['day', 86400],
]

/** "in 6 days", "3 hours ago". */
export function agoOf(time: string): string {
	const seconds = (new Date(time).getTime() - Date.now()) / 1000
	let best: [Intl.RelativeTimeFormatUnit, number] = ['second', 1]
	for (const step of STEPS) if (Math.abs(seconds) >= step[1]) best = step
	return ago.format(Math.round(seconds / best[1]), best[0])
}
