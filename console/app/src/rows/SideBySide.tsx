/** Two versions of a row, field by field. */
import Table from '@mui/material/Table'
import TableBody from '@mui/material/TableBody'
import TableCell from '@mui/material/TableCell'
import TableHead from '@mui/material/TableHead'
import TableRow from '@mui/material/TableRow'
import type { ReactNode } from 'react'
import { type RaRecord, RecordContextProvider } from 'react-admin'
import { useText } from '../messages'
import { type Column, titleOf } from './catalog'
import { ColumnField } from './ColumnField'

export interface Side {
	name: string
	record: RaRecord
	/** Said under a value. */
	note?: (column: Column) => ReactNode
}

/** Left out and null are the same to a row. */
export const isSame = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)

/** Of a row that is new there is one side. */
export function SideBySide({ columns, left, right }: { columns: Column[]; left?: Side; right: Side }) {
	const text = useText()
	const sides = left ? [left, right] : [right]
	return (
		<Table size="small" sx={{ '& td, & th': { verticalAlign: 'top', px: { xs: 0.75, sm: 2 } } }}>
			<TableHead>
				<TableRow>
					<TableCell>{text('conflict.field')}</TableCell>
					{sides.map((side) => (
						<TableCell key={side.name}>{side.name}</TableCell>
					))}
				</TableRow>
			</TableHead>
			<TableBody>
				{columns.map((c) => (
					<TableRow key={c.name}>
						<TableCell component="th" scope="row">
							{titleOf(c.name)}
						</TableCell>
						{sides.map((side) => (
							<TableCell key={side.name} sx={{ overflowWrap: 'anywhere' }}>
								<RecordContextProvider value={side.record}>
									<ColumnField column={c} whole />
								</RecordContextProvider>
								{side.note?.(c)}
							</TableCell>
						))}
					</TableRow>
				))}
			</TableBody>
		</Table>
	)
}
