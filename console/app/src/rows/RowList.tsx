import useMediaQuery from '@mui/material/useMediaQuery'
import type { Exporter } from 'react-admin'
import {
	ColumnsButton,
	CreateButton,
	DataTable,
	ExportButton,
	FilterButton,
	List,
	SortButton,
	TopToolbar,
	useCreatePath,
	useRecordContext,
	useStore,
} from 'react-admin'
import { lazy, type ReactNode, Suspense, useMemo } from 'react'
import { useText } from '../messages'
import { Col } from '../ui/Col'
import { csvOf, download } from '../ui/csv'
import { Link } from '../ui/Link'
import { selectableRows } from '../ui/SelectableRows'
import { PHONE } from '../ui/theme'
import { BulkActs } from './BulkActs'
import { useCatalog, useThis } from './Catalog'
import { type Column, firstOrder, hiddenFirst, kindOf, labelColumn, labelOf, rowsOf, shownColumns, titleOf } from './catalog'
import { ColumnField } from './ColumnField'
import { ChartButton } from './ChartButton'
import { Empty } from './Empty'
import { filtersOf } from './filters'
import { Pages } from './Pages'
import { overTime } from './overTime'

// By an id, rows would stand in no order that people know.
const isSorted = (c: Column) => !['json', 'texts', 'reference', 'person', 'uuid'].includes(kindOf(c))

const EXPORTED_MAX = 10000

const RowsOverTime = lazy(() => import('../charts/RowsOverTime'))

export function RowList() {
	const r = useThis()
	const all = useCatalog()
	const text = useText()
	const columns = shownColumns(r)
	const label = labelColumn(r)
	const filters = useMemo(() => filtersOf(r, all, text), [r, all, text])
	const isCharted = overTime(r) !== undefined
	const [shown, setShown] = useStore(`chart.${r.name}`, false)
	const exporter: Exporter = (rows) => download(`${r.name}.csv`, csvOf(columns.map((c) => c.name), rows))
	return (
		<List
			disableAuthentication
			title={r.title}
			filters={filters}
			actions={<Actions chart={isCharted ? <ChartButton shown={shown} toggle={() => setShown(!shown)} /> : null} />}
			pagination={<Pages />}
			empty={<Empty />}
			exporter={exporter}
			perPage={25}
			sort={firstOrder(r)}
		>
			{isCharted && shown && (
				<Suspense fallback={null}>
					<RowsOverTime />
				</Suspense>
			)}
			<DataTable rowClick="show" body={Rows} bulkActionButtons={<BulkActs />} hiddenColumns={hiddenFirst(r)}>
				{columns.map((c) => (
					<Col
						key={c.name}
						source={c.name}
						card={c.name === label ? 'title' : undefined}
						label={titleOf(c.name)}
						align={kindOf(c) === 'number' ? 'right' : 'left'}
						disableSort={!isSorted(c)}
					>
						{c.name === label ? <RowLink column={c} /> : <ColumnField column={c} />}
					</Col>
				))}
			</DataTable>
		</List>
	)
}

/** The whole row opens by a click; for the keyboard there is a link in it. */
function RowLink({ column }: { column: Column }) {
	const r = useThis()
	const record = useRecordContext()
	const pathOf = useCreatePath()
	if (!record) return null
	return (
		<Link to={pathOf({ resource: rowsOf(r.name), type: 'show', id: record.id })} color="inherit" underline="hover" sx={{ fontWeight: 550 }} onClick={(event) => event.stopPropagation()}>
			<ColumnField column={column} />
		</Link>
	)
}

const Rows = selectableRows((record) => labelOf(useThis(), record ?? {}))

function Actions({ chart }: { chart: ReactNode }) {
	const r = useThis()
	// On a phone there are no heads of columns to sort by.
	const isPhone = useMediaQuery(PHONE)
	return (
		<TopToolbar>
			{chart}
			{isPhone && <SortButton fields={shownColumns(r).filter(isSorted).map((c) => c.name)} />}
			<FilterButton />
			<ColumnsButton />
			<ExportButton maxResults={EXPORTED_MAX} />
			<CreateButton variant="contained" />
		</TopToolbar>
	)
}
