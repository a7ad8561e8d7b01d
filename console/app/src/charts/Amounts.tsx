/** Numbers side by side, the longest bar for the greatest. It is a table that is read as it stands. */
import Box from '@mui/material/Box'
import { useId } from 'react'
import { Frame } from './Figure'
import { numberOf } from './ticks'

interface Props {
	title: string
	note?: string
	amounts: { name: string; count: number }[]
	nothing: string
}

export function Amounts({ title, note, amounts, nothing }: Props) {
	const id = useId()
	const most = Math.max(0, ...amounts.map((a) => a.count))
	return (
		<Frame id={id} title={title} note={note} nothing={most === 0 ? nothing : undefined}>
			<Box component="table" aria-labelledby={id} sx={{ width: '100%', mt: 1.5, borderCollapse: 'collapse', fontSize: '0.875rem', '& th, & td': { py: 0.5, px: 0 } }}>
				<tbody>
					{amounts.map(({ name, count }) => (
						<tr key={name}>
							<Box component="th" scope="row" sx={{ textAlign: 'left', fontWeight: 400, width: '1%', minWidth: 110, pr: '16px !important', whiteSpace: 'nowrap' }}>
								{name}
							</Box>
							<Box component="td" aria-hidden sx={{ width: '99%' }}>
								<Box sx={{ height: 12, borderRadius: '2px', bgcolor: 'primary.main', minWidth: count > 0 ? 2 : 0, width: `${(100 * count) / most}%` }} />
							</Box>
							<Box component="td" sx={{ textAlign: 'right', pl: '16px !important', fontVariantNumeric: 'tabular-nums' }}>
								{numberOf(count)}
							</Box>
						</tr>
					))}
				</tbody>
			</Box>
		</Frame>
	)
}
