/** A column of a list. On a phone each row is a card, in which the values stand beside the names of their columns. */
import { DataTable, type DataTableColumnProps } from 'react-admin'
import { PHONE } from './theme'

interface Props<Row extends Record<string, any>> extends DataTableColumnProps<Row> {
	label: string
	/** Of a card: its first line, or what can be done with it. */
	card?: 'title' | 'acts'
}

export const Col = <Row extends Record<string, any>>({ card, ...rest }: Props<Row>) => (
	<DataTable.Col<Row> {...rest} {...{ 'data-name': rest.label, 'data-card': card }} />
)

/** What makes cards of the rows of every list, where the screen is a phone's. */
export const CARDS = {
	[`@media ${PHONE}`]: {
		'& .RaLayout-content': { pb: 11 }, // the button that creates floats over the end of the page
		// What can be done with the rows that are ticked needs the width; how many they are can be cut off.
		'& .RaBulkActionsToolbar-title': { flex: '0 1 auto', minWidth: 0, overflow: 'hidden', whiteSpace: 'nowrap' },
		'& .RaBulkActionsToolbar-topToolbar': { flex: 'none', gap: 0.25 },
		// The filters one below the other, as wide as the cards.
		'& .RaList-actions form': { gap: 1.25, py: 1.25, '& > div': { width: '100%' }, '& > div:last-of-type:empty': { display: 'none' }, '& .MuiFormControl-root': { mt: '0 !important' }, '& .MuiFormControlLabel-root': { ml: 0 } },
		'& .RaList-actions .RaFilterFormInput-spacer': { display: 'none' },
		'& .RaDataTable-table, & .RaDataTable-tbody': { display: 'block' },
		'& .RaDataTable-thead': { display: 'block', borderBottom: 1, borderColor: 'divider' },
		'& .RaDataTable-thead:not(:has(.MuiTableCell-paddingCheckbox))': { display: 'none' },
		'& .RaDataTable-headerRow': { display: 'block', pl: '0 !important' },
		'& .RaDataTable-headerRow > th': { display: 'none' },
		'& .RaDataTable-headerRow > th.MuiTableCell-paddingCheckbox': { display: 'block', border: 0, p: 0, pl: 0.75, textAlign: 'left' },
		'& .RaDataTable-row': { display: 'flex', flexDirection: 'column', position: 'relative', contentVisibility: 'auto', containIntrinsicSize: 'auto 180px', px: 1.5, py: 1, borderBottom: 1, borderColor: 'divider' },
		'& .RaDataTable-row:last-child': { borderBottom: 0 },
		'& .RaDataTable-row:has(> .MuiTableCell-paddingCheckbox)': { pl: 6 },
		'& .RaDataTable-thead .RaDataTable-headerRow': { pl: 0 }, // the box that selects all stands above the others
		'& .RaDataTable-row > td': { display: 'flex', flexDirection: 'row', justifyContent: 'space-between', alignItems: 'baseline', gap: 2, p: 0, py: 0.375, border: 0, textAlign: 'right', overflowWrap: 'anywhere' },
		'& .RaDataTable-row > td > *': { minWidth: 0 },
		'& .RaDataTable-row > td:empty, & .RaDataTable-row > td:has(> span:empty:only-child)': { display: 'none' },
		'& .RaDataTable-row > td::before': { content: 'attr(data-name)', flex: 'none', color: 'text.secondary' },
		'& .RaDataTable-row > td.MuiTableCell-paddingCheckbox': { position: 'absolute', top: 2, left: 6, width: 'auto' },
		'& .RaDataTable-row > td[data-card=title]': { order: -1, justifyContent: 'flex-start', textAlign: 'left', fontWeight: 600 },
		'& td[data-card=title] > a': { fontWeight: 'inherit' },
		'& td[data-card=title] > * > :not(:first-child)': { fontWeight: 400 },
		'& .RaDataTable-row > td[data-card=acts]': { justifyContent: 'flex-end' },
		'& .RaDataTable-row > td.MuiTableCell-paddingCheckbox::before, & .RaDataTable-row > td[data-card]::before': { content: 'none' },
	},
} as const
