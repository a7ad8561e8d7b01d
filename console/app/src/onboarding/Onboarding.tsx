/**
 * The first steps of a new tenant. Each step is saved when it is done, so that whoever leaves goes on where they were;
 * the tenant is active at the end.
 */
import Stack from '@mui/material/Stack'
import Step from '@mui/material/Step'
import StepLabel from '@mui/material/StepLabel'
import Stepper from '@mui/material/Stepper'
import { useCallback, useMemo, useState } from 'react'
import { useText } from '../messages'
import { useSession } from '../session/Session'
import type { Membership } from '../session/types'
import { ContextBadge } from '../tenant/ContextBadge'
import { Joinable } from '../tenant/Joinable'
import { AccountMenu } from '../ui/AccountMenu'
import { Page } from '../ui/Page'
import { Failed, Loading } from '../ui/Waiting'
import { useLoad } from '../ui/useLoad'
import type { Compliance } from './ComplianceFields'
import { ComplianceStep, InviteStep, OrganizationStep } from './steps'

const STEPS = ['organization', 'compliance', 'invite'] as const

export interface Progress extends Compliance {
	organization_name: string | null
	steps: { step: string }[]
}

export default function Onboarding({ membership }: { membership: Membership }) {
	const text = useText()
	const { client: root, reload: reloadMe } = useSession()
	const client = useMemo(() => root.of(membership.tenant_id), [root, membership])
	const { data, refusal, reload } = useLoad(useCallback(() => client.get<Progress>('/v1/onboarding'), [client]))
	const [chosen, setChosen] = useState<number>()
	const save = useCallback(
		async (step: (typeof STEPS)[number], fields?: object) => {
			if (fields && Object.keys(fields).length > 0) await client.ask('/v1/tenant', { method: 'PATCH', body: fields })
			await client.ask(`/v1/onboarding/steps/${step}`, { method: 'PUT', body: {} })
			setChosen(undefined)
			await reload()
		},
		[client, reload],
	)
	const finish = useCallback(async () => {
		await client.post('/v1/onboarding/complete', { organization_name: data?.organization_name })
		await reloadMe()
	}, [client, data, reloadMe])
	if (refusal) return <Failed error={new Error(refusal.message)} again={() => void reload()} />
	if (!data) return <Loading />
	const done = new Set(data.steps.map((s) => s.step))
	const firstOpen = data.organization_name ? STEPS.findIndex((s) => !done.has(s)) : 0
	const at = chosen ?? (firstOpen < 0 ? STEPS.length - 1 : firstOpen)
	const back = at > 0 ? () => setChosen(at - 1) : undefined
	return (
		<Page wide title={text('onboarding.title')} intro={text('onboarding.intro')} corner={<Corner membership={membership} />}>
			<Stack sx={{ gap: 3, mb: 3 }}>
				<Joinable />
				<Stepper activeStep={at}>
					{STEPS.map((step) => (
						<Step key={step} completed={done.has(step)}>
							<StepLabel>{text(`onboarding.${step}`)}</StepLabel>
						</Step>
					))}
				</Stepper>
			</Stack>
			{at === 0 && <OrganizationStep progress={data} save={(fields) => save('organization', fields)} />}
			{at === 1 && <ComplianceStep progress={data} save={(fields) => save('compliance', fields)} back={back} />}
			{at === 2 && <InviteStep client={client} role={membership.role} finish={finish} back={back} />}
		</Page>
	)
}

const Corner = ({ membership }: { membership: Membership }) => (
	<>
		<ContextBadge membership={membership} />
		<AccountMenu />
	</>
)
