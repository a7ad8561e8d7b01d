/** Whether the rows of a table make a line: each has a time of its own, and there are numbers. The types alone say it. */
import { type Column, type Described, isBookkeeping, kindOf, shownColumns } from './catalog'

export interface OverTime {
	time: Column
	values: Column[]
}

export function overTime(r: Described): OverTime | undefined {
	const own = shownColumns(r).filter((c) => !isBookkeeping(c))
	const time = own.find((c) => !c.nullable && ['date', 'moment'].includes(kindOf(c)))
	const values = own.filter((c) => kindOf(c) === 'number')
	return time && values.length > 0 ? { time, values } : undefined
}
