import { Create, required, SaveButton, SimpleForm, TextInput, Toolbar } from 'react-admin'
import { useText } from '../messages'

const filled = (data: Record<string, unknown>) => Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null && value !== ''))

export function SystemTenantCreate() {
	const text = useText()
	return (
		<Create disableAuthentication title={text('system.new_tenant')} transform={filled} redirect="edit">
			<SimpleForm toolbar={<Toolbar><SaveButton label="ra.action.create" alwaysEnable /></Toolbar>} sx={{ maxWidth: 560, '& .MuiStack-root': { gap: 2 } }}>
				<TextInput source="name" label={text('field.name')} validate={required()} helperText={false} />
				<TextInput source="owner_email" type="email" label={text('system.owner_email')} validate={required()} helperText={text('system.owner_email_help')} />
				<TextInput source="organization_name" label={text('field.optional', { name: text('tenant.organization_name') })} helperText={text('system.organization_help')} />
				<TextInput source="slug" label={text('field.slug')} helperText={text('system.slug_help')} />
				<TextInput source="reason" label={text('field.reason')} validate={required()} helperText={text('field.reason_help')} />
			</SimpleForm>
		</Create>
	)
}
