import { useText } from '../messages'
import { Link } from './Link'
import { Page } from './Page'

export function NotFound() {
	const text = useText()
	return (
		<Page title={text('missing.title')} intro={text('missing.intro')}>
			<Link to="/">{text('act.continue')}</Link>
		</Page>
	)
}
