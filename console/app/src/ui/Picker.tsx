/** One entry of a long list, found by a part of its name. */
import Autocomplete from '@mui/material/Autocomplete'
import TextField from '@mui/material/TextField'
import { useEffect, useState } from 'react'
import { useText } from '../messages'
import { useSession } from '../session/Session'

const MOST = 20
const PAUSE_MS = 200

interface Props<T> {
	/** The list, which takes `q`. */
	path: string
	label: string
	helperText?: string
	nameOf: (entry: T) => string
	/** What tells those of one name apart. */
	detailOf: (entry: T) => string
	value: T | null
	onChange: (entry: T | null) => void
	autoFocus?: boolean
}

export function Picker<T extends { id: string }>({ path, label, helperText, nameOf, detailOf, value, onChange, autoFocus }: Props<T>) {
	const text = useText()
	const { client } = useSession()
	const [q, setQ] = useState('')
	const [found, setFound] = useState<T[]>([])
	useEffect(() => {
		const gone = new AbortController()
		const read = () => client.ask<T[]>(path, { query: { q, limit: MOST }, signal: gone.signal }).then(({ body }) => setFound(body), () => undefined)
		const timer = setTimeout(() => void read(), PAUSE_MS)
		return () => {
			clearTimeout(timer)
			gone.abort()
		}
	}, [client, path, q])
	return (
		<Autocomplete
			options={found}
			filterOptions={(all) => all}
			value={value}
			onChange={(_, entry) => onChange(entry)}
			onInputChange={(_, written, why) => setQ(why === 'input' ? written : '')}
			getOptionLabel={nameOf}
			getOptionKey={(entry) => entry.id}
			isOptionEqualToValue={(a, b) => a.id === b.id}
			noOptionsText={text('picker.none')}
			openText={text('picker.open')}
			closeText={text('picker.close')}
			clearText={text('picker.clear')}
			renderOption={({ key, ...props }, entry) => (
				<li key={key} {...props}>
					<span>
						{nameOf(entry)} <small>{detailOf(entry)}</small>
					</span>
				</li>
			)}
			renderInput={(params) => <TextField {...params} autoFocus={autoFocus} label={label} helperText={helperText} />}
		/>
	)
}
