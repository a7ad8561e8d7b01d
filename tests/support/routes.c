/* A target for each route of the table, for the tests that try all routes. */
#include "support/routes.h"

#include "support/tokens.h"

#include <string.h>

const char *route_target(struct arena *a, const struct route *route)
{
	static const char *const values[][2] = { { "{resource}", "things" }, { "{id}", TARGET },
		{ "{user_id}", TARGET }, { "{session_id}", TARGET }, { "{tenant_id}", TARGET_TENANT },
		{ "{action}", "act" }, { "{step}", "profile" } };
	struct str rest = str_c(route->path + 1), target = STR("");
	while (!str_is_empty(rest)) {
		struct str part;
		rest = str_split(rest, '/', &part);
		for (size_t i = 0; i < COUNT_OF(values); i++)
			if (str_eq(part, str_c(values[i][0])))
				part = str_c(values[i][1]);
		target = arena_printf(a, "%.*s/%.*s", STR_ARG(target), STR_ARG(part));
	}
	if (str_ends(target, STR("/things/act")))
		target = arena_printf(a, "%.*s_on_all", STR_ARG(target));
	bool is_many =
		str_ends(target, STR("/things")) && (route->method == METHOD_PATCH || route->method == METHOD_DELETE);
	return arena_printf(a, "%.*s%s", STR_ARG(target), is_many ? "?id=eq." TARGET : "").at;
}

const char *target_script(struct arena *a, const struct route *route)
{
	return arena_printf(a,
		"INSERT INTO tenantd.users (id, issuer, subject) VALUES ('" TARGET "', '" ISS_MAIN "', 'target')"
		" ON CONFLICT DO NOTHING;"
		"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)"
		" VALUES ('" TARGET_TENANT "', 'dev', '" TARGET "', 'member', '%s');"
		"DELETE FROM tenantd.domains;"
		"INSERT INTO tenantd.domains (tenant_id, env, id, name, enrollment, challenge, added_by)"
		" VALUES ('" TARGET_TENANT "', 'dev', '" TARGET "', 'target.example', 'join', 'c', '" TARGET "');"
		"DELETE FROM tenantd.invitations;"
		"INSERT INTO tenantd.invitations (tenant_id, env, id, email, token_digest, invited_by, expires_at)"
		" SELECT '" TARGET_TENANT "', 'dev', '" TARGET "', 'Stranger@example.com',"
		" sha256('the token of an invitation'), id, now() + interval '1 day'"
		" FROM tenantd.users WHERE subject = 'owner';",
		route && strstr(route->path, "join-requests") ? "pending" : "active")
		.at;
}
