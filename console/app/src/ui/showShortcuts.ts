/** Opens the sheet of keys, for those who do not guess its key. Apart from it, because the menu stands on small pages, too. */
export const OPEN = 'tenantd:shortcuts'

export const showShortcuts = () => window.dispatchEvent(new Event(OPEN))
