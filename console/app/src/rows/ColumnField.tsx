/**
 * A value of a row as people read it. A list has thousands of these at once, so they are plain elements and not components
 * of MUI, each of which costs as much as the rest of its row.
 */
import Box from '@mui/material/Box'
import { styled } from '@mui/material/styles'
import type { ReactNode } from 'react'
import { ReferenceField, useFieldValue } from 'react-admin'
import { Person } from '../members/Person'
import { useText } from '../messages'
import { locale } from '../messages/choice'
import { dayOf, momentOf } from '../ui/when'
import { useDescribed } from './Catalog'
import { type Column, kindOf, labelColumn, rowsOf, titleOf } from './catalog'

const MONO = { fontFamily: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace', fontSize: '0.8125rem' }
const ONE_LINE = { display: 'inline-block', maxWidth: 280, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', verticalAlign: 'bottom' } as const
const AS_WRITTEN = { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' } as const

/** Of a field that is empty, on the page of its row. */
const NONE = '–'

interface Props {
	column: Column
	/** In a list a value has one line; on the page of its row it has all the room it needs. */
	whole?: boolean
}

export function ColumnField({ column, whole }: Props) {
	const value = useFieldValue({ source: column.name }) as unknown
	// A list of texts that is empty is no value either.
	const isEmpty = value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
	if (isEmpty) return whole ? <>{NONE}</> : null
	return <Shown column={column} value={value} whole={whole} />
}

const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 20 })

const hundredths = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 20 })

/** Amounts of money, which have two digits behind the point, show both, so that they stand below each other. */
const numberOf = (column: Column, value: number) => (/^numeric\(\d+,2\)$/.test(column.type) ? hundredths : number).format(value)

function Shown({ column, value, whole }: Props & { value: unknown }): ReactNode {
	switch (kindOf(column)) {
		case 'reference':
			return <Reference column={column} whole={whole} />
		case 'person':
			return (
				<span style={whole ? undefined : ONE_LINE}>
					<Person id={String(value)} />
				</span>
			)
		case 'enum':
			return <Tag>{titleOf(String(value))}</Tag>
		case 'boolean':
			return <YesOrNo value={Boolean(value)} />
		case 'number':
			return <>{typeof value === 'number' ? numberOf(column, value) : String(value)}</>
		case 'date':
			return <Time value={String(value)} form={dayOf} />
		case 'moment':
			return <Time value={String(value)} form={momentOf} />
		case 'json':
			return <Json value={value} whole={whole} />
		case 'texts':
			return <Texts values={value as string[]} />
		case 'uuid':
			return <span style={whole ? MONO : { ...MONO, ...ONE_LINE }}>{String(value)}</span>
		default:
			return <span style={whole ? AS_WRITTEN : ONE_LINE}>{String(value)}</span>
	}
}

const Tag = styled('span')(({ theme }) => ({
	display: 'inline-block',
	border: `1px solid ${theme.palette.divider}`,
	borderRadius: 5,
	padding: '1px 7px',
	fontSize: '0.8125rem',
	fontWeight: 500,
	whiteSpace: 'nowrap',
}))

function Reference({ column, whole }: Props) {
	const target = useDescribed(column.references?.resource ?? '')
	if (!target) return <Label source={column.name} whole={whole} />
	return (
		<ReferenceField source={column.name} reference={rowsOf(target.name)} link="show">
			<Label source={labelColumn(target)} whole={whole} />
		</ReferenceField>
	)
}

function Label({ source, whole }: { source: string; whole?: boolean }) {
	const value = useFieldValue({ source }) as unknown
	return <span style={whole ? AS_WRITTEN : ONE_LINE}>{String(value ?? '')}</span>
}

function YesOrNo({ value }: { value: boolean }) {
	const text = useText()
	return <>{text(value ? 'yes' : 'no')}</>
}

/** A time that does not parse is shown as it came. */
function Time({ value, form }: { value: string; form: (time: string) => string }) {
	const isTime = !Number.isNaN(new Date(value).getTime())
	return (
		<time dateTime={value} title={value} style={{ whiteSpace: 'nowrap' }}>
			{isTime ? form(value) : value}
		</time>
	)
}

function Json({ value, whole }: { value: unknown; whole?: boolean }) {
	if (!whole) return <span style={{ ...MONO, ...ONE_LINE }}>{JSON.stringify(value)}</span>
	return (
		<Box component="pre" tabIndex={0} sx={{ ...MONO, m: 0, p: 1.25, borderRadius: 1, bgcolor: 'action.hover', overflow: 'auto', maxHeight: 400 }}>
			{JSON.stringify(value, null, 2)}
		</Box>
	)
}

const Texts = ({ values }: { values: string[] }) => (
	<span style={{ display: 'inline-flex', gap: 4, flexWrap: 'wrap' }}>
		{values.map((value, index) => (
			<Tag key={index}>{value}</Tag>
		))}
	</span>
)
