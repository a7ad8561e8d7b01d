import { type Theme, useTheme } from '@mui/material/styles'

const coloursOf = ({ palette }: Theme) => [palette.primary.main, palette.info.main, palette.warning.main, palette.error.main, palette.text.secondary]

/** As many as a chart may tell apart; each stands out from the paper in light and in dark. */
export const COLOURS = 5

export const useColours = () => coloursOf(useTheme())
