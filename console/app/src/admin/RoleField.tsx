import MenuItem from '@mui/material/MenuItem'
import { useText } from '../messages'
import { ROLES, type Role } from '../session/types'
import { useRoleName } from '../tenant/labels'
import { Field } from '../ui/Field'

export function RoleField({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
	const roleName = useRoleName()
	return (
		<Field select name="role" label={useText()('field.role')} value={value} onChange={(role) => onChange(role as Role)}>
			{ROLES.map((role) => (
				<MenuItem key={role} value={role}>
					{roleName(role)}
				</MenuItem>
			))}
		</Field>
	)
}
