/* What a system administrator does. Each is one function of the database (db/functions/administration.sql), which names its
 * tenant as the route does; none of these statements is inside a tenant. */
#include "repo/verbs.h"

#define ONE(identifier, statement_name, call)                                                                \
	const struct verb identifier = {                                                                         \
		.statement = { statement_name, "SELECT " call },                                                     \
		.kind = VERB_ONE,                                                                                    \
	}
#define LIST(identifier, statement_name, call)                                                               \
	const struct verb identifier = {                                                                         \
		.statement = { statement_name, "SELECT * FROM " call },                                              \
		.kind = VERB_LIST,                                                                                   \
	}

LIST(admin_tenant_list, "admin_tenants", "tenantd.admin_tenants($1, $2, $3, $4, $5)");
ONE(admin_tenant_create, "admin_tenant_create", "tenantd.admin_tenant_create($1)");
ONE(admin_tenant_get, "admin_tenant_get", "tenantd.admin_tenant_get($1)");
ONE(admin_tenant_rename, "admin_tenant_rename", "tenantd.admin_tenant_rename($1, $2)");
ONE(admin_tenant_suspend, "admin_tenant_suspend", "tenantd.admin_tenant_status($1, 'suspend', $2)");
ONE(admin_tenant_reactivate, "admin_tenant_reactivate", "tenantd.admin_tenant_status($1, 'reactivate', $2)");
ONE(admin_tenant_close, "admin_tenant_close", "tenantd.admin_tenant_status($1, 'close', $2)");
ONE(admin_tenant_reopen, "admin_tenant_reopen", "tenantd.admin_tenant_status($1, 'reopen', $2)");
LIST(admin_member_list, "admin_members", "tenantd.admin_members($1, $2, $3, $4, $5, $6, $7)");
ONE(admin_member_put, "admin_member_put", "tenantd.admin_member_put($1, $2, $3)");
LIST(admin_audit_list, "admin_audit", "tenantd.admin_audit($1, $2, $3, $4, $5, $6, $7, $8, $9)");
LIST(admin_event_list, "admin_events", "tenantd.admin_audit($1, $2, $3, $4, $5, $6, $7, $8, $9)");
LIST(admin_user_list, "admin_users", "tenantd.admin_users($1, $2, $3, $4, $5)");
ONE(admin_user_get, "admin_user_get", "tenantd.admin_user_get($1)");
ONE(admin_activity, "admin_activity", "tenantd.admin_activity($1)");
ONE(admin_reassign, "admin_reassign", "tenantd.admin_reassign($1)");
