/** Rows of a list with a box that says what it selects, which react-admin's own box does not. */
import { styled } from '@mui/material/styles'
import TableCell from '@mui/material/TableCell'
import { type MouseEvent, useMemo } from 'react'
import {
	type DataTableBodyProps,
	DataTableConfigContext,
	DataTableRow,
	type DataTableRowProps,
	type RaRecord,
	useDataTableCallbacksContext,
	useDataTableConfigContext,
	useDataTableSelectedIdsContext,
	useRecordContext,
} from 'react-admin'
import { useText } from '../messages'
import { NearBody } from './NearBody'

// The browser's own box: a thousand of MUI's take seconds to make.
const Box = styled('input')(({ theme }) => ({ accentColor: theme.palette.primary.main, colorScheme: theme.palette.mode, width: 16, height: 16, margin: '4px 4px 4px 10px', display: 'block', cursor: 'pointer' }))

/** `useName` is a hook that says how a row is called. */
export function selectableRows(useName: (record: RaRecord | undefined) => string) {
	function Row({ children, ...rest }: DataTableRowProps) {
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
		const text = useText()
		const record = useRecordContext()
		const name = useName(record)
		const selected = useDataTableSelectedIdsContext()
		const { handleToggleItem, isRowSelectable } = useDataTableCallbacksContext()
		if (!record) return null
		const toggle = (event: MouseEvent<HTMLElement>) => {
			event.stopPropagation() // a click anywhere else opens the row
			handleToggleItem?.(record.id, event as MouseEvent<HTMLTableRowElement>)
		}
		return (
			<TableCell padding="checkbox">
				<Box
					type="checkbox"
					aria-label={text('rows.select', { name })}
					disabled={isRowSelectable ? !isRowSelectable(record) : false}
					checked={selected?.includes(record.id) ?? false}
					onClick={toggle}
					readOnly
				/>
			</TableCell>
		)
	}

	return (props: DataTableBodyProps) => <NearBody {...props} row={Row} />
}
