/** react-admin in the frame of the console: the bar, the menu, and where messages appear. */
import Box from '@mui/material/Box'
import englishMessages from 'ra-language-english'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import {
	AppBar,
	type AuthProvider,
	CoreAdminContext,
	CoreAdminUI,
	type DataProvider,
	Layout,
	type LayoutProps,
	LoadingIndicator,
	localStorageStore,
	Notification,
	type TitleComponent,
	TitlePortal,
} from 'react-admin'
import { useTitle } from './Page'
import { useLanguage } from '../messages'
import { i18nOf } from '../messages/admin'
import { AccountMenu } from './AccountMenu'
import { CARDS } from './Col'
import { ModeButton } from './ModeButton'
import { NotFoundHere } from './NotFoundHere'
import { Shortcuts } from './Shortcuts'

interface Props {
	/** The name of the place, for the title of the window. */
	name: string
	basename: string
	/** What this browser remembers of lists (order, columns) is kept apart by this key. */
	memory: string
	dataProvider: DataProvider
	authProvider: AuthProvider
	badge: ReactNode
	menu: ReactNode
	band?: ReactNode
	/** Resources and routes. */
	children: ReactNode
	dashboard?: () => ReactNode
}

export function Shell({ name, basename, memory, dataProvider, authProvider, badge, menu, band, children, dashboard }: Props) {
	useTitle(name)
	const { admin = englishMessages } = useLanguage()
	const i18nProvider = useMemo(() => i18nOf(admin), [admin])
	const store = useMemo(() => localStorageStore('1', memory), [memory])
	return (
		<PartsContext.Provider value={{ badge, menu, band }}>
			<CoreAdminContext basename={basename} dataProvider={dataProvider} authProvider={authProvider} i18nProvider={i18nProvider} store={store}>
				<CoreAdminUI layout={Frame} title={name as TitleComponent} disableTelemetry loginPage={false} catchAll={NotFoundHere} dashboard={dashboard}>
					{children}
				</CoreAdminUI>
			</CoreAdminContext>
		</PartsContext.Provider>
	)
}

// A wide table moves inside of its list; the page stays as wide as the screen.
const FRAME = {
	minWidth: 0,
	'& .RaLayout-content': { minWidth: 0, px: { xs: 1, md: 3 }, pb: 4 },
	'& .RaLayout-contentWithSidebar': { minWidth: 0 },
	'& .RaList-main, & .RaList-content, & .RaShow-card, & .RaEdit-card': { minWidth: 0 },
	'& .RaDataTable-tableWrapper': { overflowX: 'auto' },
}

// The frame is one component for ever: a new one at each rendering would throw away the page inside, with its forms.
const PartsContext = createContext<Pick<Props, 'badge' | 'menu' | 'band'>>({ badge: null, menu: null })

const Frame = ({ children }: LayoutProps) => (
	<Layout appBar={Bar} menu={Side} sx={[FRAME, CARDS]}>
		{useContext(PartsContext).band}
		<TitlePortal component="h1" variant="h1" sx={{ flex: 'none', pt: 2.5, pb: 0.5, whiteSpace: 'normal' }} />
		{children}
		<Notification />
		<Shortcuts />
	</Layout>
)

const Side = () => <>{useContext(PartsContext).menu}</>

const Bar = () => (
	<AppBar color="default" elevation={0} alwaysOn toolbar={<LoadingIndicator />} userMenu={false}>
		<Box sx={{ flex: 1, minWidth: 0, display: 'flex' }}>{useContext(PartsContext).badge}</Box>
		<ModeButton />
		<AccountMenu hasKeys />
	</AppBar>
)
