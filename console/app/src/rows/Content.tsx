/** The file of a row: up and down with progress, replaced and removed. */
import Button from '@mui/material/Button'
import LinearProgress from '@mui/material/LinearProgress'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import { getContent, putContent } from 'ra-data-tenantd'
import { type ChangeEvent, useRef, useState } from 'react'
import { useCanAccess, useNotify, useRecordContext, useRefresh } from 'react-admin'
import { useText } from '../messages'
import { useTenant } from '../tenant/Tenant'
import { Confirm } from '../ui/Confirm'
import { saveAs } from '../ui/csv'
import { useChange } from '../ui/useChange'
import { useThis } from './Catalog'
import { labelOf, rowsOf } from './catalog'

export function Content() {
	const r = useThis()
	const text = useText()
	const notify = useNotify()
	const refresh = useRefresh()
	const { client } = useTenant()
	const { change, busy } = useChange()
	const record = useRecordContext()
	const input = useRef<HTMLInputElement>(null)
	const [progress, setProgress] = useState<number>()
	const [asking, setAsking] = useState(false)
	const { canAccess: mayWrite } = useCanAccess({ action: 'edit', resource: rowsOf(r.name) })
	if (!record) return null
	const path = `${r.path}/${encodeURIComponent(String(record.id))}`
	const name = labelOf(r, record)
	// A table that does not keep the size beside the row does not tell; then the download says whether there is a file.
	const isThere = record.size !== null
	const move = (act: () => Promise<unknown>, done?: string) => {
		setProgress(0)
		void change(act, done).finally(() => setProgress(undefined))
	}
	const chosen = (event: ChangeEvent<HTMLInputElement>) => {
		const file = event.target.files?.[0]
		event.target.value = '' // so that the same file can be chosen again
		if (file) move(() => putContent(client, path, file, setProgress), text('content.stored'))
	}
	const remove = async () => {
		await client.ask(`${path}/content`, { method: 'DELETE' })
		refresh()
		notify(text('content.none'))
	}
	return (
		<Stack sx={{ gap: 1.25, mt: 3 }}>
			<Typography variant="h2">{text('content.title')}</Typography>
			{!isThere && <Typography color="textSecondary">{text('content.none')}</Typography>}
			{progress !== undefined && (
				<Stack direction="row" sx={{ gap: 1.5, alignItems: 'center', maxWidth: 400 }}>
					<LinearProgress variant="determinate" value={progress * 100} sx={{ flex: 1 }} />
					<span>{text('content.progress', { percent: Math.round(progress * 100) })}</span>
				</Stack>
			)}
			<Stack direction="row" sx={{ gap: 1, flexWrap: 'wrap' }}>
				{isThere && (
					<Button variant="outlined" disabled={busy} onClick={() => move(async () => saveAs(name, await getContent(client, path, setProgress)))}>
						{text('content.download')}
					</Button>
				)}
				{mayWrite && (
					<>
						<input ref={input} type="file" hidden onChange={chosen} data-testid="content-file" />
						<Button variant="outlined" disabled={busy} onClick={() => input.current?.click()}>
							{text(isThere ? 'content.replace' : 'content.choose')}
						</Button>
						{isThere && (
							<Button color="error" disabled={busy} onClick={() => setAsking(true)}>
								{text('content.remove')}
							</Button>
						)}
					</>
				)}
			</Stack>
			{asking && (
				<Confirm
					title={`${text('content.remove')}?`}
					intro={text('content.ask_intro')}
					button={text('content.remove')}
					act={remove}
					close={() => setAsking(false)}
				/>
			)}
		</Stack>
	)
}
