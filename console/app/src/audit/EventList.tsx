/** A list of events. Its filters stand in one bar; on a phone they are behind a button, which says how many of them are set. */
import FilterList from '@mui/icons-material/FilterList'
import Button from '@mui/material/Button'
import { type ReactElement, useState } from 'react'
import { TopToolbar, useListContext } from 'react-admin'
import { useText } from '../messages'
import { EntryList } from '../ui/EntryList'
import { ExportAll, type ExportProps } from './ExportAll'

interface Props extends ExportProps {
	title?: string
	inside?: string
	filters: ReactElement[]
	children: ReactElement
}

/** As many beside each other as have room for a date and a time. */
const columns = (count: number) => ({ xs: '1fr', sm: '1fr 1fr', md: 'repeat(3, 1fr)', lg: `repeat(${count > 5 ? 3 : count}, 1fr)`, xl: `repeat(${count}, 1fr)` })

export function EventList({ title, inside, filters, children, ...what }: Props) {
	const [open, setOpen] = useState(false)
	const bar = {
		// The buttons stand beside the title of the page, where the list has one.
		'& .RaList-actions': { flexDirection: 'column-reverse', alignItems: 'stretch', mt: { sm: inside ? 0 : -6.5 } },
		'& form': {
			display: { xs: open ? 'grid' : 'none', sm: 'grid' },
			gridTemplateColumns: columns(filters.length),
			columnGap: 1,
			rowGap: 1.5,
			pt: 1,
			minHeight: 0,
			pb: 1.5,
			'& > div': { width: '100%', minWidth: 0 },
			'& > div:last-of-type:empty, & .RaFilterFormInput-spacer': { display: 'none' },
			'& .MuiFormControl-root, & .MuiAutocomplete-root': { width: '100%', minWidth: 0, mt: '0 !important' },
		},
	}
	const actions = (
		<TopToolbar>
			<FilterButton open={open} toggle={() => setOpen(!open)} />
			<ExportAll {...what} />
		</TopToolbar>
	)
	return (
		<EntryList title={title} inside={inside} filter={what.filter} filters={filters} actions={actions} sx={bar}>
			{children}
		</EntryList>
	)
}

function FilterButton({ open, toggle }: { open: boolean; toggle: () => void }) {
	const text = useText()
	const { filterValues } = useListContext()
	const count = Object.keys(filterValues).length
	return (
		<Button startIcon={<FilterList />} aria-expanded={open} onClick={toggle} sx={{ display: { sm: 'none' } }}>
			{count ? text('audit.filters_set', { count }) : text('audit.filters')}
		</Button>
	)
}
