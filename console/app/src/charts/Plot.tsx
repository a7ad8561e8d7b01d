/** The drawing of a chart: as wide as there is room, with lines at the round numbers. One text says what it shows. */
import Box from '@mui/material/Box'
import { useTheme } from '@mui/material/styles'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { shortNumber } from './ticks'

const HEIGHT = 190
const TOP = 8
const BOTTOM = 24
const LEFT = 44
const RIGHT = 8
const DIGIT = 11

export interface Room {
	left: number
	width: number
	top: number
	height: number
	/** Where a value is, from the top. */
	y: (value: number) => number
}

interface Props {
	label: string
	/** Round numbers from the lowest to the highest. */
	ticks: number[]
	/** What stands below, each at its place between 0 and 1. */
	below: { at: number; name: string }[]
	children: (room: Room) => ReactNode
}

export function Plot({ label, ticks, below, children }: Props) {
	const { palette, typography } = useTheme()
	const [box, outer] = useWidth()
	const least = ticks[0] ?? 0
	const most = ticks.at(-1) ?? 1
	const width = outer - LEFT - RIGHT
	const height = HEIGHT - TOP - BOTTOM
	const y = (value: number) => TOP + height * (1 - (value - least) / (most - least))
	return (
		<Box ref={box} sx={{ height: HEIGHT, minWidth: 0, overflow: 'hidden' }}>
			{width > 0 && (
				<svg role="img" aria-label={label} width={outer} height={HEIGHT} fontFamily={typography.fontFamily} fontSize={DIGIT} fill={palette.text.secondary}>
					{ticks.map((tick) => (
						<g key={tick}>
							<line x1={LEFT} x2={LEFT + width} y1={y(tick)} y2={y(tick)} stroke={palette.divider} />
							<text x={LEFT - 8} y={y(tick)} dy="0.35em" textAnchor="end">
								{shortNumber(tick)}
							</text>
						</g>
					))}
					{below.map(({ at, name }) => (
						<text key={at} x={LEFT + at * width} y={HEIGHT - 6} textAnchor={at > 0.93 ? 'end' : at < 0.07 ? 'start' : 'middle'}>
							{name}
						</text>
					))}
					{children({ left: LEFT, width, top: TOP, height, y })}
				</svg>
			)}
		</Box>
	)
}

function useWidth() {
	const box = useRef<HTMLDivElement>(null)
	const [width, setWidth] = useState(0)
	useEffect(() => {
		if (!box.current) return
		const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)))
		observer.observe(box.current)
		return () => observer.disconnect()
	}, [])
	return [box, width] as const
}
