import DeleteIcon from '@mui/icons-material/Delete'
import type { TenantdDataProvider } from 'ra-data-tenantd'
import { useState } from 'react'
import { Button, useCanAccess, useDataProvider, useRecordContext, useRedirect, useTranslate } from 'react-admin'
import { useText } from '../messages'
import { BulkDialog } from './BulkDialog'
import { useThis } from './Catalog'
import { labelOf, rowsOf } from './catalog'
import type { RowAct } from './eachRow'

/** Deletes a row, or, in a dry run, tells whether it could be. */
export function useDeletion(resource: string): RowAct {
	const provider = useDataProvider<TenantdDataProvider>()
	return (record, meta) => provider.delete(resource, { id: record.id, previousData: record, meta })
}

/** Deletes the row of the page. It asks first, because what is deleted is gone, and shows on demand whether it would work. */
export function DeleteRow() {
	const text = useText()
	const translate = useTranslate()
	const redirect = useRedirect()
	const r = useThis()
	const record = useRecordContext()
	const resource = rowsOf(r.name)
	const act = useDeletion(resource)
	const { canAccess } = useCanAccess({ action: 'delete', resource })
	const [isAsked, setAsked] = useState(false)
	if (!record || !canAccess) return null
	return (
		<>
			<Button label={translate('ra.action.delete')} color="error" onClick={() => setAsked(true)}>
				<DeleteIcon />
			</Button>
			{isAsked && (
				<BulkDialog
					harmful
					title={translate('ra.message.delete_title', { name: r.title, recordRepresentation: labelOf(r, record) })}
					intro={text('bulk.gone')}
					button={translate('ra.action.delete')}
					records={[record]}
					act={act}
					done={(rows) => rows.length > 0 && redirect('list', resource)}
					close={() => setAsked(false)}
				/>
			)}
		</>
	)
}
