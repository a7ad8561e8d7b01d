import { DeleteWithConfirmButton, useCanAccess, useRecordContext } from 'react-admin'
import { useThis } from './Catalog'
import { labelColumn, rowsOf, titleOf } from './catalog'

/** Asks first, because what is deleted is gone. */
export function DeleteRow() {
	const r = useThis()
	const record = useRecordContext()
	const { canAccess } = useCanAccess({ action: 'delete', resource: rowsOf(r.name) })
	if (!record || !canAccess) return null
	return <DeleteWithConfirmButton mutationMode="pessimistic" translateOptions={{ name: titleOf(r.name), id: String(record[labelColumn(r)] ?? record.id) }} />
}
