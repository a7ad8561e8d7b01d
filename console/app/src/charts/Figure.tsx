/** What stands around a chart: its name, what its colours mean, and the same numbers as a table. */
import Box from '@mui/material/Box'
import Card from '@mui/material/Card'
import Table from '@mui/material/Table'
import TableBody from '@mui/material/TableBody'
import TableCell from '@mui/material/TableCell'
import TableHead from '@mui/material/TableHead'
import TableRow from '@mui/material/TableRow'
import Typography from '@mui/material/Typography'
import { type ReactNode, useId, useState } from 'react'
import { useText } from '../messages'
import { useColours } from './colours'

export interface Numbers {
	head: string[]
	rows: string[][]
}

interface FrameProps {
	/** Of the title, by which the frame is called. */
	id: string
	title: string
	note?: string
	/** Beside the title. */
	corner?: ReactNode
	/** Said instead of the chart when there is nothing to show. */
	nothing?: string
	children: ReactNode
}

export function Frame({ id, title, note, corner, nothing, children }: FrameProps) {
	return (
		<Card component="section" aria-labelledby={id} sx={{ p: 2, minWidth: 0 }}>
			<Box sx={{ display: 'flex', gap: 2, alignItems: 'start', justifyContent: 'space-between' }}>
				<div>
					<Typography id={id} variant="h2">
						{title}
					</Typography>
					{note && (
						<Typography variant="body2" color="textSecondary">
							{note}
						</Typography>
					)}
				</div>
				{corner}
			</Box>
			{nothing ? (
				<Typography color="textSecondary" sx={{ py: 5, textAlign: 'center' }}>
					{nothing}
				</Typography>
			) : (
				children
			)}
		</Card>
	)
}

interface Props extends Omit<FrameProps, 'id'> {
	/** The names of the colours, in their order. */
	legend?: string[]
	numbers: Numbers
}

export function Figure({ title, legend, numbers, children, ...frame }: Props) {
	return (
		<Frame id={useId()} title={title} {...frame}>
			<Box sx={{ mt: 1.5 }}>{children}</Box>
			{legend && <Legend names={legend} />}
			<AsTable title={title} numbers={numbers} />
		</Frame>
	)
}

function Legend({ names }: { names: string[] }) {
	const colours = useColours()
	return (
		<Box component="ul" sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 2, rowGap: 0.5, m: 0, mt: 0.5, p: 0, listStyle: 'none', fontSize: '0.8125rem' }}>
			{names.map((name, index) => (
				<Box component="li" key={name} sx={{ display: 'flex', alignItems: 'center', gap: 0.75, overflowWrap: 'anywhere' }}>
					<Box sx={{ width: 10, height: 10, borderRadius: '2px', bgcolor: colours[index], flexShrink: 0 }} />
					{name}
				</Box>
			))}
		</Box>
	)
}

/** For whoever reads better than they see, or wants the exact numbers. */
function AsTable({ title, numbers }: { title: string; numbers: Numbers }) {
	const text = useText()
	const [open, setOpen] = useState(false)
	return (
		<Box component="details" sx={{ mt: 1 }} onToggle={(event) => setOpen(event.currentTarget.open)}>
			<Box component="summary" sx={{ width: 'fit-content', minHeight: 24, lineHeight: '24px', cursor: 'pointer', color: 'text.secondary', fontSize: '0.8125rem' }}>
				{text('chart.table')}
			</Box>
			{open && (
				<Box role="region" aria-label={text('chart.table_of', { title })} tabIndex={0} sx={{ overflow: 'auto', maxHeight: 320, mt: 0.5 }}>
					<Table size="small" stickyHeader>
						<TableHead>
							<TableRow>
								{numbers.head.map((name, index) => (
									<TableCell key={name} align={index ? 'right' : 'left'}>
										{name}
									</TableCell>
								))}
							</TableRow>
						</TableHead>
						<TableBody>
							{numbers.rows.map((cells, row) => (
								<TableRow key={row}>
									{cells.map((cell, index) => (
										<TableCell key={index} align={index ? 'right' : 'left'} component={index ? 'td' : 'th'} scope={index ? undefined : 'row'}>
											{cell}
										</TableCell>
									))}
								</TableRow>
							))}
						</TableBody>
					</Table>
				</Box>
			)}
		</Box>
	)
}
