/** The pages by their address. What needs react-admin is loaded only when somebody goes there. */
import { lazy, Suspense } from 'react'
import { Navigate, Route, Routes } from 'react-router-dom'
import { Accept } from './auth/Accept'
import { Forgot } from './auth/Forgot'
import { WithOffer } from './auth/offer'
import { Reset } from './auth/Reset'
import { SignIn } from './auth/SignIn'
import { SignUp } from './auth/SignUp'
import { Verify } from './auth/Verify'
import { RequireSession } from './session/RequireSession'
import { Home } from './tenant/Home'
import { NotFound } from './ui/NotFound'
import { Loading } from './ui/Waiting'

const Tenants = lazy(() => import('./tenant/Tenants'))
const TenantGate = lazy(() => import('./tenant/TenantGate'))
const Join = lazy(() => import('./join/Join'))
const Account = lazy(() => import('./account/Account'))
const System = lazy(() => import('./admin/System'))

export const App = () => (
	<Suspense fallback={<Loading />}>
		<Routes>
			<Route element={<WithOffer />}>
				<Route path="/signin" element={<SignIn />} />
				<Route path="/signup" element={<SignUp />} />
				<Route path="/forgot" element={<Forgot />} />
				<Route path="/accept" element={<Accept />} />
			</Route>
			<Route path="/verify" element={<Verify />} />
			<Route path="/reset" element={<Reset />} />
			<Route element={<RequireSession />}>
				<Route index element={<Home />} />
				<Route path="/tenants" element={<Tenants />} />
				<Route path="/join/:slug?" element={<Join />} />
				<Route path="/account" element={<Account />} />
				<Route path="/t/:slug/*" element={<TenantGate />} />
				<Route path="/system/*" element={<System />} />
			</Route>
			<Route path="/index.html" element={<Navigate to="/" replace />} />
			<Route path="*" element={<NotFound />} />
		</Routes>
	</Suspense>
)
