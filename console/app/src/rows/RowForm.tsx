import Box from '@mui/material/Box'
import { Create, Edit, SaveButton, SimpleForm, Toolbar, TopToolbar, ShowButton } from 'react-admin'
import { useText } from '../messages'
import { useThis } from './Catalog'
import { type Column, isWide, mayWrite, wideLast } from './catalog'
import { ColumnInput } from './ColumnInput'
import { ConflictDialog, useConflict, useRefused } from './Conflict'
import { DeleteRow } from './DeleteRow'
import { Preview } from './Preview'
import { RowTitle } from './RowShow'

const Inputs = ({ columns }: { columns: Column[] }) => (
	<Box sx={{ width: '100%', display: 'grid', gridTemplateColumns: { xs: '1fr', md: '1fr 1fr' }, columnGap: 3, rowGap: 1.5, alignItems: 'start' }}>
		{wideLast(columns).map((c) => (
			<Box key={c.name} sx={{ gridColumn: isWide(c) ? '1 / -1' : undefined, minWidth: 0, '& .MuiFormControl-root': { my: 0 } }}>
				<ColumnInput column={c} />
			</Box>
		))}
	</Box>
)

type Values = Record<string, unknown>

/** What nobody filled in is left out, so that the column's default counts; and what a clone brings that the server alone fills. */
const given = (columns: Column[]) => (data: Values): Values =>
	Object.fromEntries(columns.map((c) => [c.name, data[c.name]]).filter(([, value]) => value !== null && value !== undefined))

export function RowCreate() {
	const text = useText()
	const r = useThis()
	const columns = r.columns.filter((c) => mayWrite(c, 'insert'))
	const sent = given(columns)
	const refused = useRefused()
	const toolbar = (
		<Toolbar>
			<SaveButton label="ra.action.create" alwaysEnable />
			<Preview sent={sent} refused={refused} />
		</Toolbar>
	)
	return (
		<Create disableAuthentication title={text('rows.new', { name: r.title })} transform={sent} redirect="show">
			<SimpleForm toolbar={toolbar} warnWhenUnsavedChanges>
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
			<SimpleForm toolbar={<EditToolbar refused={onError} />} warnWhenUnsavedChanges>
				<Inputs columns={columns} />
				{conflict && <ConflictDialog conflict={conflict} columns={columns} close={close} />}
			</SimpleForm>
		</Edit>
	)
}

function EditToolbar({ refused }: { refused: ReturnType<typeof useConflict>['onError'] }) {
	return (
		<Toolbar>
			<SaveButton />
			<Preview sent={(values) => values} refused={refused} />
			<Box sx={{ flex: 1 }} />
			<DeleteRow />
		</Toolbar>
	)
}
