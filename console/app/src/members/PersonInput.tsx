/** A member of the tenant, found by a part of the name or of the address. */
import { AutocompleteInput, type AutocompleteInputProps, ReferenceInput } from 'react-admin'
import type { Member } from './types'

const nameOf = (m: Member) => m.name ?? m.email ?? m.user_id.slice(0, 8)

export const PersonInput = ({ source, ...rest }: AutocompleteInputProps & { source: string }) => (
	<ReferenceInput source={source} reference="members" filter={{ status: 'active' }}>
		<AutocompleteInput {...rest} optionText={nameOf} filterToQuery={(q: string) => (q ? { q } : {})} />
	</ReferenceInput>
)
