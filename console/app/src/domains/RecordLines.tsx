/** The DNS record, to be copied part by part. */
import Copy from '@mui/icons-material/ContentCopyOutlined'
import Box from '@mui/material/Box'
import IconButton from '@mui/material/IconButton'
import Tooltip from '@mui/material/Tooltip'
import Typography from '@mui/material/Typography'
import { useNotify } from 'react-admin'
import { useText } from '../messages'
import type { Domain } from './types'

const PARTS = ['type', 'name', 'value'] as const

export function RecordLines({ domain }: { domain: Domain }) {
	const text = useText()
	return (
		<div>
			<Typography color="textSecondary" sx={{ mb: 1 }}>
				{text('domains.record')}
			</Typography>
			<Box component="dl" sx={{ m: 0, p: 1.25, borderRadius: 1, bgcolor: 'action.hover', display: 'grid', gridTemplateColumns: 'max-content 1fr', columnGap: 2, rowGap: 0.5, alignItems: 'center' }}>
				{PARTS.map((part) => (
					<Part key={part} domain={domain} part={part} />
				))}
			</Box>
		</div>
	)
}

function Part({ domain, part }: { domain: Domain; part: (typeof PARTS)[number] }) {
	const text = useText()
	const notify = useNotify()
	const value = domain.record[part]
	const name = text(`domains.record_${part}`)
	const copy = async () => {
		await navigator.clipboard.writeText(value)
		notify(text('domains.copied'), { type: 'success' })
	}
	return (
		<>
			<Box component="dt" sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>
				{name}
			</Box>
			<Box component="dd" sx={{ m: 0, minHeight: 30, display: 'flex', alignItems: 'center', gap: 0.5 }}>
				<Box component="code" sx={{ overflowWrap: 'anywhere', userSelect: 'all', fontSize: '0.8125rem' }}>
					{value}
				</Box>
				{/* Browsers give pages the clipboard only where the connection is safe. */}
				{part !== 'type' && window.isSecureContext && (
					<Tooltip title={text('domains.copy', { what: name, name: domain.name })}>
						<IconButton size="small" onClick={() => void copy()}>
							<Copy fontSize="inherit" />
						</IconButton>
					</Tooltip>
				)}
			</Box>
		</>
	)
}
