import { createContext, useContext } from 'react'
import { useResourceContext } from 'react-admin'
import { type Described, rowsOf } from './catalog'

export const CatalogContext = createContext<Described[]>([])

export const useCatalog = () => useContext(CatalogContext)

/** The description of a table, by its own name. */
export function useDescribed(name: string): Described | undefined {
	return useCatalog().find((r) => r.name === name)
}

/** The description of the table whose page this is. */
export function useThis(): Described {
	const resource = useResourceContext()
	const found = useCatalog().find((r) => rowsOf(r.name) === resource)
	if (!found) throw new Error(`no resource '${resource}'`)
	return found
}
