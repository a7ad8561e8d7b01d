import type { Exporter } from 'react-admin'
import {
	BulkDeleteWithConfirmButton,
	BulkExportButton,
	ColumnsButton,
	CreateButton,
	DataTable,
	ExportButton,
	FilterButton,
	List,
	TopToolbar,
	useCanAccess,
	useResourceContext,
} from 'react-admin'
import { useMemo } from 'react'
import { useText } from '../messages'
import { csvOf, download } from '../ui/csv'
import { useCatalog, useThis } from './Catalog'
import { isHiddenFirst, kindOf, shownColumns, titleOf } from './catalog'
import { ColumnField } from './ColumnField'
import { Empty } from './Empty'
import { filtersOf } from './filters'
import { Pages } from './Pages'

const EXPORTED_MAX = 10000

export function RowList() {
	const r = useThis()
	const all = useCatalog()
	const text = useText()
	const columns = shownColumns(r)
	const filters = useMemo(() => filtersOf(r, all, text), [r, all, text])
	const hasTime = columns.some((c) => c.name === 'created_at')
	const exporter: Exporter = (rows) => download(`${r.name}.csv`, csvOf(columns.map((c) => c.name), rows))
	return (
		<List
			title={titleOf(r.name)}
			filters={filters}
			actions={<Actions />}
			pagination={<Pages />}
			empty={<Empty />}
			exporter={exporter}
			perPage={25}
			sort={hasTime ? { field: 'created_at', order: 'DESC' } : { field: r.key, order: 'ASC' }}
		>
			<DataTable rowClick="show" bulkActionButtons={<BulkActions />} hiddenColumns={columns.filter(isHiddenFirst).map((c) => c.name)}>
				{columns.map((c) => (
					<DataTable.Col
						key={c.name}
						source={c.name}
						label={titleOf(c.name)}
						align={kindOf(c) === 'number' ? 'right' : 'left'}
						disableSort={['json', 'texts'].includes(kindOf(c))}
					>
						<ColumnField column={c} />
					</DataTable.Col>
				))}
			</DataTable>
		</List>
	)
}

function Actions() {
	return (
		<TopToolbar>
			<FilterButton />
			<ColumnsButton />
			<ExportButton maxResults={EXPORTED_MAX} />
			<CreateButton variant="contained" />
		</TopToolbar>
	)
}

function BulkActions() {
	const resource = useResourceContext()
	const { canAccess } = useCanAccess({ action: 'delete', resource: resource ?? '' })
	return (
		<>
			<BulkExportButton />
			{canAccess && <BulkDeleteWithConfirmButton mutationMode="pessimistic" />}
		</>
	)
}
