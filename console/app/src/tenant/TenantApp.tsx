/** The pages of one tenant. Its routes are those that the role allows, so no page asks once more whether it is allowed. */
import { type Access, createDataProvider } from 'ra-data-tenantd'
import { useCallback, useMemo } from 'react'
import { Resource } from 'react-admin'
import { AuditList } from '../audit/AuditList'
import { Domains } from '../domains/Domains'
import { InvitationList } from '../invitations/InvitationList'
import { MemberList } from '../members/MemberList'
import { RequestList } from '../requests/RequestList'
import { CatalogContext } from '../rows/Catalog'
import { type Described, mayDo, rowsOf } from '../rows/catalog'
import { RowCreate, RowEdit } from '../rows/RowForm'
import { RowList } from '../rows/RowList'
import { RowShow } from '../rows/RowShow'
import { useSession } from '../session/Session'
import { useAuth } from '../session/useAuth'
import { isAtLeast, type Membership } from '../session/types'
import { Settings } from '../settings/Settings'
import { Shell } from '../ui/Shell'
import { useLoad } from '../ui/useLoad'
import { Failed, Loading } from '../ui/Waiting'
import { ContextBadge } from './ContextBadge'
import { Overview } from './Overview'
import { places } from './places'
import { TenantContext } from './Tenant'
import { TenantMenu } from './TenantMenu'

export default function TenantApp({ membership }: { membership: Membership }) {
	const { client: root } = useSession()
	const here = useMemo(() => ({ membership, client: root.of(membership.tenant_id) }), [root, membership])
	const { client } = here
	const { data: catalog, refusal, reload } = useLoad(useCallback(() => client.get<Described[]>('/v1/resources'), [client]))
	const resources = useMemo(() => servedTo(membership, catalog ?? []), [membership, catalog])
	const dataProvider = useMemo(() => createDataProvider({ client, place: places(catalog ?? []) }), [client, catalog])
	const may = useCallback(
		({ action, resource }: Access) => {
			const described = catalog?.find((r) => rowsOf(r.name) === resource)
			return described ? mayDo(described, membership.role, action) : true
		},
		[catalog, membership.role],
	)
	const authProvider = useAuth(client, may)
	if (refusal) return <Failed error={new Error(refusal.message)} again={() => void reload()} />
	if (!catalog) return <Loading />
	const isAdmin = isAtLeast(membership.role, 'tenant_admin')
	return (
		<TenantContext.Provider value={here}>
			<CatalogContext.Provider value={resources}>
				<Shell
					name={membership.name}
					basename={`/t/${membership.slug}`}
					memory={membership.tenant_id}
					dataProvider={dataProvider}
					authProvider={authProvider}
					badge={<ContextBadge membership={membership} />}
					menu={<TenantMenu isAdmin={isAdmin} />}
					dashboard={Overview}
				>
					{resources.map((r) => (
						<Resource
							key={r.name}
							name={rowsOf(r.name)}
							options={{ label: r.title }}
							list={RowList}
							show={RowShow}
							create={mayDo(r, membership.role, 'create') ? RowCreate : undefined}
							edit={mayDo(r, membership.role, 'edit') ? RowEdit : undefined}
						/>
					))}
					<Resource name="members" list={MemberList} />
					{isAdmin && <Resource name="invitations" list={InvitationList} />}
					{isAdmin && <Resource name="requests" list={RequestList} />}
					{isAdmin && <Resource name="domains" list={Domains} />}
					{isAdmin && <Resource name="audit" list={AuditList} />}
					{isAdmin && <Resource name="settings" list={Settings} />}
				</Shell>
			</CatalogContext.Provider>
		</TenantContext.Provider>
	)
}

/** The tables that this member may read, in a tenant of this status. */
function servedTo({ role, tenant_status }: Membership, all: Described[]): Described[] {
	return all.filter((r) => mayDo(r, role, 'list') && (tenant_status === 'active' || r.tenant_status !== 'active'))
}
