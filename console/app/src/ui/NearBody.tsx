/**
 * The rows of a list, of which only those near the screen are made: a page can have a thousand. The others are a blank of
 * their height. On a phone, where rows are cards of any height, the browser itself leaves out what is far away (ui/Col.tsx).
 */
import TableBody from '@mui/material/TableBody'
import useMediaQuery from '@mui/material/useMediaQuery'
import { memo, type ReactNode, startTransition, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { DataTableBody, type DataTableBodyProps, DataTableDataContext, type RaRecord, useDataTableDataContext } from 'react-admin'
import { PHONE } from './theme'

/** A list of so many rows is made as a whole. */
const WHOLE = 100
const CHUNK = 20
const ROW_PX = 37
/** How far from the screen rows are made, so that they are there when they come into sight. */
const NEAR = '1000px 0px'

export function NearBody(props: DataTableBodyProps) {
	const data = useDataTableDataContext()
	const isPhone = useMediaQuery(PHONE)
	if (!data || data.length <= WHOLE || isPhone) return <DataTableBody {...props} />
	return <Chunks data={data} {...props} />
}

function Chunks({ data, row, children }: DataTableBodyProps & { data: RaRecord[] }) {
	const first = useRef<HTMLTableSectionElement>(null)
	useWidths(first, [data, children])
	const begins = Array.from({ length: Math.ceil(data.length / CHUNK) }, (_, i) => i * CHUNK)
	return begins.map((begin) => (
		<Chunk key={begin} data={data} begin={begin} row={row} place={begin === 0 ? first : undefined}>
			{children}
		</Chunk>
	))
}

/** The columns keep the widths that the first rows gave them, so that they stand still while others come and go. */
function useWidths(body: React.RefObject<HTMLTableSectionElement | null>, given: unknown[]) {
	useLayoutEffect(() => {
		const heads = [...(body.current?.closest('table')?.querySelectorAll<HTMLElement>('thead th') ?? [])]
		const widths = heads.map((head) => head.offsetWidth)
		heads.forEach((head, i) => (head.style.width = `${widths[i]}px`))
		return () => heads.forEach((head) => (head.style.width = ''))
	}, given)
}

interface ChunkProps {
	data: RaRecord[]
	begin: number
	row: DataTableBodyProps['row']
	place?: React.RefObject<HTMLTableSectionElement | null>
	children: ReactNode
}

const Chunk = memo(({ data, begin, row, place, children }: ChunkProps) => {
	const own = useRef<HTMLTableSectionElement>(null)
	const body = place ?? own
	const rows = data.slice(begin, begin + CHUNK)
	const [isNear, setNear] = useState(begin < 2 * CHUNK)
	const height = useRef(rows.length * ROW_PX)
	useEffect(() => {
		const element = body.current
		if (!element) return
		const watcher = new IntersectionObserver(
			(entries) => {
				const last = entries.at(-1)
				if (!last) return
				// Who is in one of these rows by the keyboard stays there.
				const stays = last.isIntersecting || element.contains(document.activeElement)
				if (!stays) height.current = element.offsetHeight
				startTransition(() => setNear(stays))
			},
			{ rootMargin: NEAR },
		)
		watcher.observe(element)
		return () => watcher.disconnect()
	}, [body, isNear])
	if (!isNear)
		return (
			<TableBody ref={body} aria-hidden>
				<tr style={{ height: height.current }} />
			</TableBody>
		)
	return (
		<DataTableDataContext.Provider value={rows}>
			<DataTableBody ref={body} row={row}>
				{children}
			</DataTableBody>
		</DataTableDataContext.Provider>
	)
})
