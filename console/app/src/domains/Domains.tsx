/** The domains that the tenant has proven or wants to prove. */
import Card from '@mui/material/Card'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import { useCallback } from 'react'
import { Title } from 'react-admin'
import { useText } from '../messages'
import { useTenant } from '../tenant/Tenant'
import { Nothing } from '../ui/Nothing'
import { Refused } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { DomainCard } from './DomainCard'
import { NewDomain } from './NewDomain'
import type { Domain } from './types'

/** A tenant has far fewer. */
const ALL = 1000

export function Domains() {
	const text = useText()
	const { client } = useTenant()
	const { data, refusal, reload } = useLoad(useCallback(() => client.get<Domain[]>('/v1/domains', { limit: ALL }), [client]))
	return (
		<Stack sx={{ gap: 2, py: 1.5, maxWidth: 760 }}>
			<Title title={text('domains.title')} />
			<Card sx={{ p: { xs: 2, sm: 3 } }}>
				<Typography color="textSecondary" sx={{ mb: 2 }}>
					{text('domains.intro')}
				</Typography>
				<NewDomain added={reload} />
			</Card>
			<Refused refusal={refusal ?? null} />
			{data?.length === 0 && <Nothing title={text('domains.none')} intro={text('domains.none_intro')} />}
			{data?.map((domain) => (
				<DomainCard key={domain.id} domain={domain} changed={reload} />
			))}
		</Stack>
	)
}
