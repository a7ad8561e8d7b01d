/** What of a row an act changes, also by its triggers. */
import { type RaRecord, RecordContextProvider } from 'react-admin'
import { useText } from '../messages'
import { useThis } from './Catalog'
import { isBookkeeping, shownColumns, titleOf } from './catalog'
import { ColumnField } from './ColumnField'
import { isSame } from './SideBySide'

export function Changes({ before, after }: { before: RaRecord; after: Record<string, unknown> }) {
	const text = useText()
	const r = useThis()
	const changed = shownColumns(r).filter((c) => c.name in after && !isBookkeeping(c) && !isSame(before[c.name], after[c.name]))
	if (changed.length === 0) return <>{text('bulk.same')}</>
	return changed.map((c) => (
		<div key={c.name}>
			{titleOf(c.name)}: <ColumnField column={c} whole /> →{' '}
			<RecordContextProvider value={after}>
				<ColumnField column={c} whole />
			</RecordContextProvider>
		</div>
	))
}

/** What a function answers is shown as a row where it is the row; else only its author knows how to read it. */
export function Answer({ record, answer }: { record: RaRecord; answer: unknown }) {
	const text = useText()
	const r = useThis()
	if (answer === null || answer === undefined) return <>{text('bulk.works')}</>
	const row = answer as Record<string, unknown>
	if (typeof answer === 'object' && row[r.key] === record[r.key]) return <Changes before={record} after={row} />
	return <code>{typeof answer === 'string' ? answer : JSON.stringify(answer)}</code>
}
