import Box from '@mui/material/Box'
import Divider from '@mui/material/Divider'
import { CloneButton, EditButton, Show, TopToolbar, useRecordContext } from 'react-admin'
import { RowActions } from './actions'
import { useThis } from './Catalog'
import { type Column, isBookkeeping, isWide, labelColumn, shownColumns, titleOf, wideLast } from './catalog'
import { ColumnField } from './ColumnField'
import { Content } from './Content'
import { DeleteRow } from './DeleteRow'
import { Line, Lines } from './Lines'

export function RowShow() {
	const r = useThis()
	const columns = shownColumns(r)
	return (
		<Show disableAuthentication title={<RowTitle />} actions={<Actions />}>
			<Box sx={{ p: { xs: 2, sm: 3 } }}>
				<Columns columns={wideLast(columns.filter((c) => !isBookkeeping(c)))} />
				{r.has_content && <Content />}
				<Divider sx={{ my: 3 }} />
				<Columns columns={columns.filter(isBookkeeping)} />
			</Box>
		</Show>
	)
}

const Columns = ({ columns }: { columns: Column[] }) => (
	<Lines>
		{columns.map((c) => (
			<Line key={c.name} name={titleOf(c.name)} wide={isWide(c)}>
				<ColumnField column={c} whole />
			</Line>
		))}
	</Lines>
)

/** The table, and the row by what people call it. */
export function RowTitle() {
	const r = useThis()
	const record = useRecordContext()
	const label = record?.[labelColumn(r)] as unknown
	return <>{label === undefined || label === null ? r.title : `${r.title} · ${String(label)}`}</>
}

function Actions() {
	return (
		<TopToolbar>
			<RowActions />
			<CloneButton />
			<DeleteRow />
			<EditButton variant="contained" />
		</TopToolbar>
	)
}
