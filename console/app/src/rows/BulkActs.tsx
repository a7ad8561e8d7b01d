/** What can be done with the rows that are ticked: change a column, delete them, and the actions of the table. */
import DeleteIcon from '@mui/icons-material/Delete'
import EditIcon from '@mui/icons-material/Edit'
import ActionIcon from '@mui/icons-material/PlayArrowOutlined'
import type { TenantdDataProvider } from 'ra-data-tenantd'
import { type ReactElement, type ReactNode, useState } from 'react'
import { BulkExportButton, Button, type RaRecord, useCanAccess, useDataProvider, useListContext, useRefresh, useResourceContext, useTranslate } from 'react-admin'
import { useText } from '../messages'
import { useNotifyRefusal } from '../ui/useNotifyRefusal'
import { useRowActions } from './actions'
import { BulkDialog } from './BulkDialog'
import { BulkEdit } from './BulkEdit'
import { useThis } from './Catalog'
import { type Action, mayWrite, titleOf } from './catalog'
import { Answer } from './Changes'
import { useDeletion } from './DeleteRow'
import type { RowAct } from './eachRow'

// The bar has a colour of its own, on which their texts could not be read.
const BUTTON = { bgcolor: 'background.paper' }

export function BulkActs() {
	const text = useText()
	const r = useThis()
	const resource = useResourceContext() ?? ''
	const { selectedIds } = useListContext()
	const { canAccess: mayDelete } = useCanAccess({ action: 'delete', resource })
	const { canAccess: mayEdit } = useCanAccess({ action: 'edit', resource })
	const actions = useRowActions()
	const columns = r.columns.filter((c) => mayWrite(c, 'update'))
	// The bar is folded then, but the keyboard would still find its buttons.
	if (selectedIds.length === 0) return null
	return (
		<>
			{actions.map((action) => (
				<BulkAction key={action.name} action={action} />
			))}
			{mayEdit && columns.length > 0 && (
				<BulkButton label={text('bulk.edit')} icon={<EditIcon />} dialog={(chosen) => <BulkEdit columns={columns} {...chosen} />} />
			)}
			<BulkExportButton sx={BUTTON} variant="outlined" />
			{mayDelete && <BulkDelete />}
		</>
	)
}

export interface Chosen {
	records: RaRecord[]
	done: (records: RaRecord[]) => void
	close: () => void
}

function BulkDelete() {
	const text = useText()
	const translate = useTranslate()
	const resource = useResourceContext() ?? ''
	const act = useDeletion(resource)
	const dialog = (chosen: Chosen) => (
		<BulkDialog
			{...chosen}
			harmful
			title={text('bulk.delete_title', { count: chosen.records.length })}
			intro={`${text('bulk.gone')} ${text('bulk.each')}`}
			button={translate('ra.action.delete')}
			act={act}
		/>
	)
	return <BulkButton label={translate('ra.action.delete')} color="error" icon={<DeleteIcon />} dialog={dialog} />
}

function BulkAction({ action }: { action: Action }) {
	const text = useText()
	const resource = useResourceContext() ?? ''
	const provider = useDataProvider<TenantdDataProvider>()
	const name = titleOf(action.name)
	const act: RowAct = async (record, meta) => (await provider.act(resource, { id: record.id, action: action.name, meta })).data
	const dialog = (chosen: Chosen) => (
		<BulkDialog
			{...chosen}
			title={text('bulk.act_title', { action: name, count: chosen.records.length })}
			intro={text('bulk.each')}
			button={name}
			act={act}
			shown={(row, answer) => <Answer record={row} answer={answer} />}
		/>
	)
	return <BulkButton label={name} icon={<ActionIcon />} dialog={dialog} />
}

interface BulkButtonProps {
	label: string
	color?: 'error'
	icon: ReactElement
	dialog: (chosen: Chosen) => ReactNode
}

/** Opens a dialog about the rows that are ticked, as the list shows them; those of other pages are read now. */
function BulkButton({ label, color, icon, dialog }: BulkButtonProps) {
	const resource = useResourceContext() ?? ''
	const provider = useDataProvider<TenantdDataProvider>()
	const refused = useNotifyRefusal()
	const refresh = useRefresh()
	const { selectedIds, onSelect, data } = useListContext<RaRecord>()
	const [records, setRecords] = useState<RaRecord[]>()
	const open = async () => {
		const here = (data ?? []).filter((record) => selectedIds.includes(record.id))
		const others = selectedIds.filter((id) => !here.some((record) => record.id === id))
		try {
			const more = others.length > 0 ? (await provider.getMany(resource, { ids: others })).data : []
			setRecords([...here, ...(more as RaRecord[])])
		} catch (error) {
			refused(error)
		}
	}
	const close = () => setRecords(undefined)
	// What is done loses its tick, so that after a refusal those are ticked that are still to do.
	const done = (rows: RaRecord[]) => {
		onSelect(selectedIds.filter((id) => !rows.some((record) => record.id === id)))
		refresh()
	}
	return (
		<>
			<Button label={label} sx={BUTTON} variant="outlined" color={color} onClick={() => void open()}>
				{icon}
			</Button>
			{records && dialog({ records, done, close })}
		</>
	)
}
