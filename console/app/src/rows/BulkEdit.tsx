/** One value for a column of all the rows that are ticked. */
import MenuItem from '@mui/material/MenuItem'
import TextField from '@mui/material/TextField'
import type { TenantdDataProvider } from 'ra-data-tenantd'
import { useState } from 'react'
import { Form, type RaRecord, useDataProvider, useResourceContext, useTranslate } from 'react-admin'
import { useFormContext } from 'react-hook-form'
import { useText } from '../messages'
import type { Chosen } from './BulkActs'
import { BulkDialog } from './BulkDialog'
import { type Column, titleOf } from './catalog'
import { Changes } from './Changes'
import { ColumnInput } from './ColumnInput'
import type { RowAct } from './eachRow'

export const BulkEdit = (props: Chosen & { columns: Column[] }) => (
	<Form>
		<EditDialog {...props} />
	</Form>
)

function EditDialog({ columns, ...chosen }: Chosen & { columns: Column[] }) {
	const text = useText()
	const translate = useTranslate()
	const resource = useResourceContext() ?? ''
	const provider = useDataProvider<TenantdDataProvider>()
	const form = useFormContext()
	const [name, setName] = useState(columns[0]?.name ?? '')
	const column = columns.find((c) => c.name === name)
	const act: RowAct = async (record, meta) => {
		const value = (form.getValues(name) as unknown) ?? null
		return (await provider.update(resource, { id: record.id, data: { ...record, [name]: value }, previousData: record, meta })).data
	}
	return (
		<BulkDialog
			{...chosen}
			title={text('bulk.edit_title', { count: chosen.records.length })}
			intro={text('bulk.each')}
			button={translate('ra.action.save')}
			act={act}
			isReady={() => form.trigger(name)}
			shown={(before, after) => <Changes before={before} after={after as RaRecord} />}
		>
			<TextField select name="column" label={text('bulk.column')} value={name} onChange={(event) => setName(event.target.value)}>
				{columns.map((c) => (
					<MenuItem key={c.name} value={c.name}>
						{titleOf(c.name)}
					</MenuItem>
				))}
			</TextField>
			{column && <ColumnInput key={name} column={column} />}
		</BulkDialog>
	)
}
