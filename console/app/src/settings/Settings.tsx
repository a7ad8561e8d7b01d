/** What an admin decides for the tenant: its names, how people join, and the keys of its machines. */
import Card from '@mui/material/Card'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import { type ReactNode, useCallback } from 'react'
import { Title } from 'react-admin'
import { ApiKeys } from '../keys/ApiKeys'
import { useText } from '../messages'
import { useTenant } from '../tenant/Tenant'
import { Refused } from '../ui/Told'
import { useLoad } from '../ui/useLoad'
import { Address } from './Address'
import { Joining } from './Joining'
import { Organization } from './Organization'
import type { Tenant } from './types'

export function Settings() {
	const text = useText()
	const { client } = useTenant()
	const { data, refusal } = useLoad(useCallback(() => client.get<Tenant>('/v1/tenant'), [client]))
	return (
		<Stack sx={{ gap: 2.5, py: 1.5, maxWidth: 760 }}>
			<Title title={text('settings.title')} />
			<Refused refusal={refusal ?? null} />
			{data && (
				<>
					<Section title={text('settings.organization')}>
						<Organization tenant={data} />
					</Section>
					<Section title={text('settings.address')} intro={text('settings.address_intro')}>
						<Address tenant={data} />
					</Section>
					<Section title={text('settings.joining')}>
						<Joining tenant={data} />
					</Section>
				</>
			)}
			<Section title={text('keys.title')} intro={text('keys.intro')}>
				<ApiKeys />
			</Section>
		</Stack>
	)
}

const Section = ({ title, intro, children }: { title: string; intro?: string; children: ReactNode }) => (
	<Card component="section" sx={{ p: { xs: 2, sm: 3 } }}>
		<Typography variant="h2" sx={{ mb: intro ? 0.5 : 2 }}>
			{title}
		</Typography>
		{intro && (
			<Typography color="textSecondary" sx={{ mb: 2 }}>
				{intro}
			</Typography>
		)}
		{children}
	</Card>
)
