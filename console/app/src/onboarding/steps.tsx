import Button from '@mui/material/Button'
import Stack from '@mui/material/Stack'
import Typography from '@mui/material/Typography'
import type { Client } from 'ra-data-tenantd'
import { type ReactNode, useCallback, useState } from 'react'
import { InviteForm } from '../invitations/InviteForm'
import { useText } from '../messages'
import type { Role } from '../session/types'
import { Field } from '../ui/Field'
import { Submit } from '../ui/Submit'
import { Refused } from '../ui/Told'
import { useSubmit } from '../ui/useSubmit'
import { type Compliance, ComplianceFields } from './ComplianceFields'
import type { Progress } from './Onboarding'

type Save = (fields?: object) => Promise<void>

export function OrganizationStep({ progress, save }: { progress: Progress; save: Save }) {
	const text = useText()
	const [name, setName] = useState(progress.organization_name ?? '')
	const { busy, refusal, submit } = useSubmit(useCallback(() => save({ organization_name: name, name }), [save, name]))
	return (
		<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
			<Refused refusal={refusal} fields={['organization_name', 'name']} />
			<Field
				name="organization_name"
				label={text('tenant.organization_name')}
				helperText={text('tenant.organization_name_why')}
				autoComplete="organization"
				autoFocus
				value={name}
				onChange={setName}
				refusal={refusal}
			/>
			<Buttons>
				<Submit busy={busy}>{text('act.continue')}</Submit>
			</Buttons>
		</Stack>
	)
}

const COMPLIANCE = ['legal_name', 'postal_address', 'contact_email', 'country'] as const

export function ComplianceStep({ progress, save, back }: { progress: Progress; save: Save; back?: () => void }) {
	const text = useText()
	const [value, setValue] = useState<Compliance>(progress)
	const act = useCallback(() => save(Object.fromEntries(COMPLIANCE.map((name) => [name, value[name]]))), [save, value])
	const { busy, refusal, submit } = useSubmit(act)
	const skip = useSubmit(save)
	return (
		<Stack component="form" onSubmit={submit} noValidate sx={{ gap: 2 }}>
			<Typography color="textSecondary">{text('onboarding.compliance_why')}</Typography>
			<Refused refusal={refusal ?? skip.refusal} fields={[...COMPLIANCE]} />
			<ComplianceFields value={value} onChange={setValue} refusal={refusal} />
			<Buttons back={back}>
				<Button loading={skip.busy} onClick={() => void skip.submit()}>
					{text('onboarding.skip')}
				</Button>
				<Submit busy={busy}>{text('act.continue')}</Submit>
			</Buttons>
		</Stack>
	)
}

interface InviteProps {
	client: Client
	role: Role
	finish: () => Promise<void>
	back?: () => void
}

export function InviteStep({ client, role, finish, back }: InviteProps) {
	const text = useText()
	const { busy, refusal, submit } = useSubmit(finish)
	return (
		<Stack sx={{ gap: 2 }}>
			<Typography color="textSecondary">{text('onboarding.invite_why')}</Typography>
			<InviteForm client={client} role={role} invited={() => undefined} />
			<Refused refusal={refusal} />
			<Buttons back={back}>
				<Button variant="contained" loading={busy} onClick={() => void submit()}>
					{text('onboarding.finish')}
				</Button>
			</Buttons>
		</Stack>
	)
}

function Buttons({ children, back }: { children: ReactNode; back?: () => void }) {
	const text = useText()
	return (
		<Stack direction="row" sx={{ gap: 1.5, justifyContent: 'flex-end', mt: 1 }}>
			{back && (
				<Button onClick={back} sx={{ mr: 'auto' }}>
					{text('onboarding.back')}
				</Button>
			)}
			{children}
		</Stack>
	)
}
