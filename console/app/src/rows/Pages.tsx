/** The pages of a list, which is not counted: counting a large table takes long, and few people want to know. */
import { locale } from '../messages/choice'
import Button from '@mui/material/Button'
import Stack from '@mui/material/Stack'
import { useCallback, useEffect, useState } from 'react'
import { Pagination, useDataProvider, useListContext } from 'react-admin'
import type { TenantdDataProvider } from 'ra-data-tenantd'
import { useText } from '../messages'
import { useSubmit } from '../ui/useSubmit'

export function Pages() {
	const text = useText()
	const provider = useDataProvider<TenantdDataProvider>()
	const { resource, filterValues, data, total } = useListContext()
	const [count, setCount] = useState<number>()
	const act = useCallback(async () => setCount(await provider.count(resource, filterValues ?? {})), [provider, resource, filterValues])
	const { busy, refusal, submit } = useSubmit(act)
	useEffect(() => setCount(undefined), [data])
	return (
		<Stack direction="row" sx={{ alignItems: 'center', justifyContent: 'space-between', pl: 1, borderTop: 1, borderColor: 'divider' }}>
			<Stack direction="row" aria-live="polite" sx={{ alignItems: 'center' }}>
				{total !== undefined ? null : count === undefined ? (
					<Button loading={busy} onClick={() => void submit()}>
						{refusal?.message ?? text('rows.count')}
					</Button>
				) : (
					<span>{text('rows.counted', { count: count.toLocaleString(locale) })}</span>
				)}
			</Stack>
			<Pagination rowsPerPageOptions={[25, 50, 100, 250, 1000]} sx={{ '& .MuiTablePagination-root': { border: 0 } }} />
		</Stack>
	)
}
