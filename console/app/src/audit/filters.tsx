import { AutocompleteInput, DateTimeInput, ReferenceInput } from 'react-admin'
import { useText } from '../messages'
import { titleOf } from '../rows/catalog'
import { actionsOf, objectsOf } from './actions'
import { actionName } from './types'

const toInstant = (value: string) => (value ? new Date(value).toISOString() : value)
const choices = (ids: string[], nameOf: (id: string) => string) => ids.map((id) => ({ id, name: nameOf(id) }))

interface Person {
	name: string | null
	email: string | null
}

/** `people` is the list in which a person is looked for by name; a list that is about one person needs none. */
export function useEventFilters(acts: Record<string, string[]>, people?: string) {
	const text = useText()
	const known = [
		<AutocompleteInput key="action" alwaysOn source="action" label={text('audit.action')} choices={choices(actionsOf(acts), actionName)} translateChoice={false} />,
		// An id that somebody pastes is taken as it is.
		<AutocompleteInput
			key="object"
			alwaysOn
			source="object"
			label={text('audit.object')}
			choices={choices(objectsOf(acts), titleOf)}
			translateChoice={false}
			onCreate={(id) => ({ id, name: id ?? '' })}
			createItemLabel={text('audit.by_id')}
		/>,
		<DateTimeInput key="since" alwaysOn source="since" label={text('audit.since')} parse={toInstant} />,
		<DateTimeInput key="until" alwaysOn source="until" label={text('audit.until')} parse={toInstant} />,
	]
	if (!people) return known
	return [
		<ReferenceInput key="actor" source="actor" reference={people} alwaysOn>
			<AutocompleteInput label={text('audit.actor')} optionText={(p: Person) => p.name ?? p.email ?? ''} filterToQuery={(q: string) => ({ q })} />
		</ReferenceInput>,
		...known,
	]
}
