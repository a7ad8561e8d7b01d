/** The input for a column of a row. */
import {
	AutocompleteInput,
	BooleanInput,
	DateInput,
	DateTimeInput,
	NullableBooleanInput,
	NumberInput,
	ReferenceInput,
	required,
	SelectInput,
	TextArrayInput,
	TextInput,
} from 'react-admin'
import { useText } from '../messages'
import { PersonInput } from '../members/PersonInput'
import { useDescribed } from './Catalog'
import { type Column, isNeeded, kindOf, labelColumn, rowsOf, titleOf } from './catalog'
import { JsonInput } from './JsonInput'

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

export function ColumnInput({ column }: { column: Column }) {
	const text = useText()
	const shared = {
		source: column.name,
		label: titleOf(column.name),
		helperText: column.description ?? (false as const),
		validate: isNeeded(column) ? required() : undefined,
		fullWidth: true,
	}
	switch (kindOf(column)) {
		case 'reference':
			return <ReferencePicker column={column} shared={shared} />
		case 'person':
			return <PersonInput {...shared} />
		case 'enum':
			return <SelectInput {...shared} choices={(column.enum ?? []).map((id) => ({ id, name: titleOf(id) }))} translateChoice={false} />
		case 'boolean':
			// Without a choice the column's default counts, which only the database knows.
			if (column.nullable || column.has_default) return <NullableBooleanInput {...shared} nullLabel={text('rows.default')} />
			return <BooleanInput {...shared} />
		case 'number':
			return <NumberInput {...shared} step="any" />
		case 'date':
			return <DateInput {...shared} />
		case 'moment':
			return <DateTimeInput {...shared} helperText={[column.description, zone].filter(Boolean).join(' · ')} />
		case 'texts':
			return <TextArrayInput {...shared} />
		case 'json':
			return <JsonInput source={shared.source} label={shared.label} helperText={column.description} needed={isNeeded(column)} />
		case 'long':
			return <TextInput {...shared} multiline minRows={3} maxRows={18} resettable={false} />
		default:
			return <TextInput {...shared} slotProps={{ htmlInput: { maxLength: column.max_length } }} />
	}
}

type Shared = { source: string; label: string; helperText: string | false; validate: ReturnType<typeof required> | undefined }

function ReferencePicker({ column, shared }: { column: Column; shared: Shared }) {
	const target = useDescribed(column.references?.resource ?? '')
	if (!target) return <TextInput {...shared} />
	const label = labelColumn(target)
	return (
		<ReferenceInput source={column.name} reference={rowsOf(target.name)} sort={{ field: label, order: 'ASC' }}>
			<AutocompleteInput {...shared} optionText={label} filterToQuery={(typed: string) => (typed ? { [`${label}@has`]: typed } : {})} />
		</ReferenceInput>
	)
}
