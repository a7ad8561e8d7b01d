/** In place of the package react-hotkeys-hook: the menu of react-admin has keys, which is not used here (ui/Shortcuts.tsx). */
export const useHotkeys = () => undefined
