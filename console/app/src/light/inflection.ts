/** In place of the package inflection: react-admin makes names with it, where it was given none. */
const words = (name: string) => name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_\s]+/g, ' ').trim().toLowerCase()

export const capitalize = (word: string) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()
export const humanize = (name: string, isLower = false) => (isLower ? words(name) : capitalize(words(name)))
/** The names of tables are plural or not as they are. */
export const inflect = (name: string) => name
export const pluralize = inflect
export const singularize = inflect
export const transform = (name: string) => humanize(name)
