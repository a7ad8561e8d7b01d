/** One colour of a chart: a value for each of its days. */
export interface Series {
	name: string
	values: number[]
}

/** One line of a chart. */
export interface Track {
	name: string
	/** Several values stand at one time, so that no line leads from one to the next. */
	isLoose?: boolean
	points: { at: number; value: number }[]
}
