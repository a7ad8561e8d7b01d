/** A file of everything that the filters of the list find, however many pages that is. */
import Download from '@mui/icons-material/FileDownloadOutlined'
import Button from '@mui/material/Button'
import { type Client, nextPage } from 'ra-data-tenantd'
import { useState } from 'react'
import { useListContext, useNotify } from 'react-admin'
import { useText } from '../messages'
import { csvOf, csvRows, saveAs } from '../ui/csv'
import { refusalOf } from '../ui/useSubmit'

const COLUMNS = ['at', 'action', 'actor_kind', 'actor_id', 'actor_name', 'actor_label', 'object_type', 'object_id', 'object_name', 'fields', 'code', 'count', 'route', 'trace_id', 'reason']
const PAGE = 1000

export interface ExportProps {
	client: Client
	path: string
	/** What the list is always filtered by. */
	filter?: Record<string, string>
	more?: string[]
}

export function ExportAll({ client, path, filter, more = [] }: ExportProps) {
	const text = useText()
	const notify = useNotify()
	const { filterValues } = useListContext()
	const [count, setCount] = useState<number>()
	const columns = [...more, ...COLUMNS]
	// Each page becomes text at once, so that the rows of the pages before need not be kept.
	const read = async () => {
		const parts: BlobPart[] = [csvOf(columns, [])]
		let page = await client.ask<Record<string, unknown>[]>(path, { query: { ...filterValues, ...filter, limit: PAGE } })
		for (let done = 0; ; ) {
			parts.push(...csvRows(columns, page.body).map((line) => `\r\n${line}`))
			setCount((done += page.body.length))
			const next = nextPage(page.headers)
			if (!next) return parts
			page = await client.ask(next)
		}
	}
	const act = async () => {
		setCount(0)
		try {
			saveAs('audit.csv', new Blob(await read(), { type: 'text/csv;charset=utf-8' }))
		} catch (error) {
			notify(refusalOf(error, text).message, { type: 'error' })
		}
		setCount(undefined)
	}
	return (
		<Button startIcon={<Download />} disabled={count !== undefined} onClick={() => void act()}>
			{count ? text('audit.exporting', { count: count.toLocaleString() }) : text('audit.export')}
		</Button>
	)
}
