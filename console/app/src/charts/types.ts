/** One colour of a chart: a value for each of its days. */
export interface Series {
	name: string
	values: number[]
}

/** One line of a chart. */
export interface Track {
	name: string
	points: { at: number; value: number }[]
}
