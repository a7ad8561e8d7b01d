/** The filters of a list, by the types of its columns. */
import type { ReactElement } from 'react'
import {
	AutocompleteInput,
	DateInput,
	DateTimeInput,
	NumberInput,
	ReferenceInput,
	SearchInput,
	SelectArrayInput,
	SelectInput,
	TextInput,
} from 'react-admin'
import { PersonInput } from '../members/PersonInput'
import type { useText } from '../messages'
import { type Column, type Described, kindOf, labelColumn, rowsOf, shownColumns, titleOf } from './catalog'

type Text = ReturnType<typeof useText>

export function filtersOf(r: Described, all: Described[], text: Text): ReactElement[] {
	const label = labelColumn(r)
	const search = r.columns.find((c) => c.name === label)
	const first = search && ['text', 'long'].includes(kindOf(search)) ? [
				<SearchInput key="search" alwaysOn source={`${label}@has`} placeholder={titleOf(label)} slotProps={{ htmlInput: { 'aria-label': titleOf(label) } }} />,
			] : []
	return [...first, ...shownColumns(r).flatMap((c) => (c.name === label ? [] : filterOf(c, all, text)))]
}

function filterOf(c: Column, all: Described[], text: Text): ReactElement[] {
	const name = titleOf(c.name)
	switch (kindOf(c)) {
		case 'reference': {
			const target = all.find((r) => r.name === c.references?.resource)
			return target ? [referenceFilter(c, target)] : []
		}
		case 'person':
			return [<PersonInput key={c.name} source={c.name} label={name} />]
		case 'enum':
			return [<SelectArrayInput key={c.name} source={c.name} label={name} choices={(c.enum ?? []).map((id) => ({ id, name: titleOf(id) }))} />]
		case 'boolean':
			return [
				<SelectInput
					key={c.name}
					source={c.name}
					label={name}
					choices={[
						{ id: 'true', name: text('yes') },
						{ id: 'false', name: text('no') },
					]}
					translateChoice={false}
				/>,
			]
		case 'number':
			return range(c, (source, label) => <NumberInput key={source} source={source} label={label} />, text)
		case 'date':
			return range(c, (source, label) => <DateInput key={source} source={source} label={label} />, text)
		case 'moment':
			return range(c, (source, label) => <DateTimeInput key={source} source={source} label={label} parse={toInstant} />, text)
		case 'texts':
			return [<TextInput key={c.name} source={`${c.name}@cs`} label={name} parse={(v: string) => v && `{"${v}"}`} format={(v?: string) => v?.slice(2, -2) ?? ''} />]
		case 'text':
		case 'long':
			return [<TextInput key={c.name} source={`${c.name}@has`} label={name} />]
		case 'uuid':
			return [<TextInput key={c.name} source={c.name} label={name} />]
		default:
			return []
	}
}

const toInstant = (value: string) => (value ? new Date(value).toISOString() : value)

function range(c: Column, make: (source: string, label: string) => ReactElement, text: Text): ReactElement[] {
	const name = titleOf(c.name)
	return [make(`${c.name}@gte`, text('filter.from', { name })), make(`${c.name}@lte`, text('filter.to', { name }))]
}

function referenceFilter(c: Column, target: Described): ReactElement {
	const label = labelColumn(target)
	return (
		<ReferenceInput key={c.name} source={c.name} reference={rowsOf(target.name)} label={titleOf(c.name)}>
			<AutocompleteInput label={titleOf(c.name)} optionText={label} filterToQuery={(typed: string) => (typed ? { [`${label}@has`]: typed } : {})} />
		</ReferenceInput>
	)
}
