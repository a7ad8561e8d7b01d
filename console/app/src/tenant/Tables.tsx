/** The way to the rows of each table. They are counted when somebody asks: that reads every row. */
import { locale } from '../messages/choice'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Card from '@mui/material/Card'
import CardActionArea from '@mui/material/CardActionArea'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import type { TenantdDataProvider } from 'ra-data-tenantd'
import { useCallback, useState } from 'react'
import { useCreatePath, useDataProvider } from 'react-admin'
import { Link as RouterLink } from 'react-router-dom'
import { useText } from '../messages'
import { useCatalog } from '../rows/Catalog'
import { type Described, rowsOf } from '../rows/catalog'
import { Refused } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'

export function Tables() {
	const text = useText()
	const catalog = useCatalog()
	const provider = useDataProvider<TenantdDataProvider>()
	const [counts, setCounts] = useState<Record<string, number>>({})
	// One after the other, so that large tables do not keep the server busy all at once.
	const count = useCallback(async () => {
		for (const { name } of catalog) {
			const found = await provider.count(rowsOf(name), {})
			setCounts((before) => ({ ...before, [name]: found }))
		}
	}, [catalog, provider])
	const { busy, refusal, submit } = useSubmit(count)
	if (catalog.length === 0) return null
	return (
		<section>
			<Stack direction="row" sx={{ alignItems: 'center', justifyContent: 'space-between', mb: 0.75 }}>
				<Typography variant="h2">{text('menu.data')}</Typography>
				<Button loading={busy} onClick={() => void submit()}>
					{text('overview.count')}
				</Button>
			</Stack>
			<Refused refusal={refusal} />
			<Box sx={{ display: 'grid', gap: 1.25, gridTemplateColumns: 'repeat(auto-fill, minmax(min(200px, 44%), 1fr))' }}>
				{catalog.map((r) => (
					<TableCard key={r.name} table={r} count={counts[r.name]} />
				))}
			</Box>
		</section>
	)
}

function TableCard({ table: r, count }: { table: Described; count?: number }) {
	const text = useText()
	const pathOf = useCreatePath()
	const kind = text(r.roles.create ? 'overview.table' : 'overview.view')
	return (
		<Card>
			<CardActionArea component={RouterLink} to={pathOf({ resource: rowsOf(r.name), type: 'list' })} sx={{ px: 1.75, py: 1.25 }}>
				<Typography sx={{ fontWeight: 600 }}>{r.title}</Typography>
				<Typography variant="body2" color="textSecondary">
					{count === undefined ? kind : text('overview.rows', { count: count.toLocaleString(locale) })}
				</Typography>
			</CardActionArea>
		</Card>
	)
}
