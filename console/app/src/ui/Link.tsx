/** A link to another page of the console. */
import MuiLink, { type LinkProps } from '@mui/material/Link'
import { Link as RouterLink } from 'react-router-dom'

export const Link = ({ to, ...rest }: LinkProps & { to: string }) => <MuiLink component={RouterLink} to={to} {...rest} />
