import { CreateButton } from 'react-admin'
import { useText } from '../messages'
import { Nothing } from '../ui/Nothing'
import { useThis } from './Catalog'
import { inSentence } from './catalog'

/** Of a table without rows. */
export function Empty() {
	const r = useThis()
	const text = useText()
	return (
		<Nothing title={text('rows.empty', { name: inSentence(r.title) })} intro={text(r.roles.create ? 'rows.empty_create' : 'rows.empty_view')}>
			<CreateButton variant="contained" />
		</Nothing>
	)
}
