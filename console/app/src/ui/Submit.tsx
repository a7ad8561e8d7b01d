import Button, { type ButtonProps } from '@mui/material/Button'

export const Submit = ({ busy, ...rest }: ButtonProps & { busy?: boolean }) => (
	<Button type="submit" variant="contained" loading={busy} {...rest} />
)
