/** A list that tenantd keeps itself: it has filters, but no order to choose, and its rows have no pages of their own. */
import type { SxProps } from '@mui/material/styles'
import type { ReactElement, ReactNode } from 'react'
import { List, Pagination } from 'react-admin'

interface Props {
	title?: string
	/** The name of a list that is a part of another page: its filters are not in the address, and its title is that page's. */
	inside?: string
	/** What is always filtered by. */
	filter?: Record<string, string>
	filters?: ReactElement[]
	actions?: ReactElement
	/** Shown when there is nothing, also without filters. */
	empty?: ReactElement
	sx?: SxProps
	children: ReactNode
}

export const EntryList = ({ title, inside, filter, filters, actions, empty, sx, children }: Props) => (
	<List
		disableAuthentication
		{...(inside && { resource: inside, disableSyncWithLocation: true, storeKey: false })}
		title={inside ? false : title}
		filter={filter}
		filters={filters}
		actions={actions ?? false}
		exporter={false}
		empty={empty ?? false}
		perPage={25}
		sx={sx}
		pagination={<Pagination rowsPerPageOptions={[25, 100, 500]} />}
	>
		{children as ReactElement}
	</List>
)
