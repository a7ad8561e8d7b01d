/** A list that tenantd keeps itself: it has filters, but no order to choose, and its rows have no pages of their own. */
import type { ReactElement, ReactNode } from 'react'
import { type Exporter, List, Pagination } from 'react-admin'

interface Props {
	title: string
	filters?: ReactElement[]
	actions?: ReactElement
	exporter?: Exporter
	/** Shown when there is nothing, also without filters. */
	empty?: ReactElement
	children: ReactNode
}

export const EntryList = ({ title, filters, actions, exporter, empty, children }: Props) => (
	<List
		disableAuthentication
		title={title}
		filters={filters}
		actions={actions ?? false}
		exporter={exporter ?? false}
		empty={empty ?? false}
		perPage={25}
		pagination={<Pagination rowsPerPageOptions={[25, 100, 500]} />}
	>
		{children as ReactElement}
	</List>
)
