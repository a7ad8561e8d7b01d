/** A value of a row as people read it. */
import Box from '@mui/material/Box'
import Chip from '@mui/material/Chip'
import Tooltip from '@mui/material/Tooltip'
import { BooleanField, NumberField, ReferenceField, TextField, useFieldValue, useRecordContext } from 'react-admin'
import { Person } from '../members/Person'
import { dayOf, momentOf } from '../ui/when'
import { useDescribed } from './Catalog'
import { type Column, kindOf, labelColumn, rowsOf, titleOf } from './catalog'

const MONO = { fontFamily: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace', fontSize: '0.8125rem' }

/** Of a field that is empty, on the page of its row. */
const NONE = '–'

interface Props {
	column: Column
	/** In a list a value has one line; on the page of its row it has all the room it needs. */
	whole?: boolean
}

export function ColumnField({ column, whole }: Props) {
	const source = column.name
	switch (kindOf(column)) {
		case 'reference':
			return <Reference column={column} />
		case 'person':
			return <PersonField source={source} />
		case 'enum':
			return <EnumField source={source} />
		case 'boolean':
			return <BooleanField source={source} />
		case 'number':
			return <NumberField source={source} emptyText={whole ? NONE : undefined} options={{ maximumFractionDigits: 20 }} />
		case 'date':
			return <TimeField source={source} form={dayOf} />
		case 'moment':
			return <TimeField source={source} form={momentOf} />
		case 'json':
			return <JsonField source={source} whole={whole} />
		case 'texts':
			return <TextsField source={source} />
		case 'uuid':
			return <TextField source={source} sx={whole ? MONO : { ...MONO, ...oneLine }} />
		default:
			return <TextField source={source} emptyText={whole ? NONE : undefined} sx={whole ? { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' } : oneLine} />
	}
}

const oneLine = { display: 'inline-block', maxWidth: 280, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', verticalAlign: 'bottom' }

function Reference({ column }: { column: Column }) {
	const target = useDescribed(column.references?.resource ?? '')
	if (!target) return <TextField source={column.name} />
	return (
		<ReferenceField source={column.name} reference={rowsOf(target.name)} link="show">
			<TextField source={labelColumn(target)} />
		</ReferenceField>
	)
}

function PersonField({ source }: { source: string }) {
	const id = useFieldValue({ source }) as string | null
	return id ? <Person id={id} /> : null
}

function EnumField({ source }: { source: string }) {
	const value = useFieldValue({ source }) as string | null
	return value === null || value === undefined ? null : <Chip variant="outlined" label={titleOf(value)} />
}

/** A time that does not parse is shown as it came. */
function TimeField({ source, form }: { source: string; form: (time: string) => string }) {
	const value = useFieldValue({ source }) as string | null
	if (!value) return null
	const isTime = !Number.isNaN(new Date(value).getTime())
	return (
		<Tooltip title={value}>
			<time dateTime={value}>{isTime ? form(value) : value}</time>
		</Tooltip>
	)
}

function JsonField({ source, whole }: { source: string; whole?: boolean }) {
	const value = useFieldValue({ source }) as unknown
	if (value === null || value === undefined) return null
	if (!whole) return <Box component="span" sx={{ ...MONO, ...oneLine }}>{JSON.stringify(value)}</Box>
	return (
		<Box component="pre" tabIndex={0} sx={{ ...MONO, m: 0, p: 1.25, borderRadius: 1, bgcolor: 'action.hover', overflow: 'auto', maxHeight: 400 }}>
			{JSON.stringify(value, null, 2)}
		</Box>
	)
}

function TextsField({ source }: { source: string }) {
	const record = useRecordContext()
	const values = (record?.[source] as string[] | null) ?? []
	return (
		<Box component="span" sx={{ display: 'inline-flex', gap: 0.5, flexWrap: 'wrap' }}>
			{values.map((value) => (
				<Chip key={value} label={value} />
			))}
		</Box>
	)
}
