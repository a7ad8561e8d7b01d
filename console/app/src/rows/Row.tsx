/** A row of a list with a box that says what it selects, which react-admin's own box does not. */
import Checkbox from '@mui/material/Checkbox'
import TableCell from '@mui/material/TableCell'
import { type MouseEvent, useMemo } from 'react'
import {
	DataTableConfigContext,
	DataTableRow,
	type DataTableRowProps,
	useDataTableCallbacksContext,
	useDataTableConfigContext,
	useDataTableSelectedIdsContext,
	useRecordContext,
} from 'react-admin'
import { useText } from '../messages'
import { useThis } from './Catalog'
import { labelColumn } from './catalog'

export function Row({ children, ...rest }: DataTableRowProps) {
	const config = useDataTableConfigContext()
	const withoutBox = useMemo(() => ({ ...config, hasBulkActions: false }), [config])
	return (
		<DataTableConfigContext.Provider value={withoutBox}>
			<DataTableRow {...rest}>
				<Select />
				{children}
			</DataTableRow>
		</DataTableConfigContext.Provider>
	)
}

function Select() {
	const r = useThis()
	const text = useText()
	const record = useRecordContext()
	const selected = useDataTableSelectedIdsContext()
	const { handleToggleItem } = useDataTableCallbacksContext()
	if (!record) return null
	const toggle = (event: MouseEvent<HTMLElement>) => {
		event.stopPropagation() // a click anywhere else opens the row
		handleToggleItem?.(record.id, event as MouseEvent<HTMLTableRowElement>)
	}
	const name = String(record[labelColumn(r)] ?? record.id)
	return (
		<TableCell padding="checkbox">
			<Checkbox
				size="small"
				checked={selected?.includes(record.id) ?? false}
				onClick={toggle}
				slotProps={{ input: { 'aria-label': text('rows.select', { name }) } }}
			/>
		</TableCell>
	)
}
