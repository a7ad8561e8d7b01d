/** Adds somebody to a tenant in two steps: first the one that the page does not know, the user or the tenant; then as what. */
import Button from '@mui/material/Button'
import { type ReactNode, useState } from 'react'
import { useText } from '../messages'
import { Confirm } from '../ui/Confirm'

interface Props<Other> {
	button: string
	variant: 'contained' | 'outlined'
	title: string
	intro: string
	picker: (value: Other | null, onChange: (other: Other | null) => void) => ReactNode
	/** Asks for the role, and gives it. */
	dialog: (other: Other, close: () => void) => ReactNode
}

export function AddMember<Other>({ button, variant, title, intro, picker, dialog }: Props<Other>) {
	const text = useText()
	const [step, setStep] = useState<'whom' | 'role'>()
	const [other, setOther] = useState<Other | null>(null)
	return (
		<>
			<Button variant={variant} onClick={() => setStep('whom')}>
				{button}
			</Button>
			{step === 'whom' && (
				<Confirm
					title={title}
					intro={intro}
					button={text('act.continue')}
					isReady={other !== null}
					harmless
					act={async () => setStep('role')}
					close={() => setStep((now) => (now === 'whom' ? undefined : now))}
				>
					{picker(other, setOther)}
				</Confirm>
			)}
			{step === 'role' && other && dialog(other, () => setStep(undefined))}
		</>
	)
}
