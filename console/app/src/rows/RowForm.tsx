import Box from '@mui/material/Box'
import { Create, DeleteWithConfirmButton, Edit, SaveButton, SimpleForm, Toolbar, TopToolbar, ShowButton, useCanAccess } from 'react-admin'
import { useThis } from './Catalog'
import { type Column, kindOf, mayWrite, rowsOf, titleOf } from './catalog'
import { ColumnInput } from './ColumnInput'
import { ConflictDialog, useConflict } from './Conflict'
import { RowTitle } from './RowShow'

const isWide = (c: Column) => ['json', 'long'].includes(kindOf(c))

const Inputs = ({ columns }: { columns: Column[] }) => (
	<Box sx={{ width: '100%', display: 'grid', gridTemplateColumns: { xs: '1fr', md: '1fr 1fr' }, columnGap: 3, rowGap: 1.5, alignItems: 'start' }}>
		{columns.map((c) => (
			<Box key={c.name} sx={{ gridColumn: isWide(c) ? '1 / -1' : undefined, minWidth: 0, '& .MuiFormControl-root': { my: 0 } }}>
				<ColumnInput column={c} />
			</Box>
		))}
	</Box>
)

/** What nobody filled in is left out, so that the column's default counts. */
const filled = (data: Record<string, unknown>) => Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null && value !== undefined))

export function RowCreate() {
	const r = useThis()
	const columns = r.columns.filter((c) => mayWrite(c, 'insert'))
	return (
		<Create disableAuthentication title={titleOf(r.name)} transform={filled} redirect="show">
			<SimpleForm toolbar={<Toolbar><SaveButton label="ra.action.create" alwaysEnable /></Toolbar>} warnWhenUnsavedChanges>
				<Inputs columns={columns} />
			</SimpleForm>
		</Create>
	)
}

export function RowEdit() {
	const r = useThis()
	const columns = r.columns.filter((c) => mayWrite(c, 'update'))
	const { conflict, onError, close } = useConflict()
	return (
		<Edit
			disableAuthentication
			title={<RowTitle />}
			mutationMode="pessimistic"
			redirect="show"
			mutationOptions={{ onError }}
			// Read again while somebody writes, the form would save over what it never showed.
			queryOptions={{ refetchOnWindowFocus: false, refetchOnReconnect: false }}
			actions={<TopToolbar><ShowButton /></TopToolbar>}
		>
			<SimpleForm toolbar={<EditToolbar />} warnWhenUnsavedChanges>
				<Inputs columns={columns} />
				{conflict && <ConflictDialog conflict={conflict} columns={columns} close={close} />}
			</SimpleForm>
		</Edit>
	)
}

function EditToolbar() {
	const r = useThis()
	const { canAccess } = useCanAccess({ action: 'delete', resource: rowsOf(r.name) })
	return (
		<Toolbar>
			<SaveButton />
			<Box sx={{ flex: 1 }} />
			{canAccess && <DeleteWithConfirmButton mutationMode="pessimistic" />}
		</Toolbar>
	)
}
