import { useText } from '../messages'
import { Picker } from '../ui/Picker'
import { nameOfUser, type SystemTenant, type SystemUser } from './types'

interface Props<T> {
	value: T | null
	onChange: (entry: T | null) => void
	label: string
}

export const TenantPicker = (props: Props<SystemTenant>) => (
	<Picker<SystemTenant> {...props} autoFocus path="/v1/admin/tenants" nameOf={(t) => t.name} detailOf={(t) => t.slug} helperText={useText()('system.search_tenants')} />
)

export const UserPicker = (props: Props<SystemUser>) => (
	<Picker<SystemUser> {...props} autoFocus path="/v1/admin/users" nameOf={nameOfUser} detailOf={(u) => u.email ?? u.subject} helperText={useText()('system.search_users')} />
)
