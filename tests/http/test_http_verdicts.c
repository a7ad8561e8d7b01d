/*
 * The verdict on every route for every caller and every status of the tenant, in one table: read it as the
 * answer to "who may do what, when". A route that is not in it fails the test, and so does a row without a
 * route. Beside each refusal its audit row is looked for, where it belongs.
 */
#include "app/routes.h"
#include "core/buf.h"
#include "support/http.h"
#include "support/routes.h"
#include "support/stack.h"
#include "support/unit.h"

/* What stands in a cell: a status and a code. */
static const struct verdict {
	const char *name;
	int status;
	const char *code;
} verdicts[] = {
	{ "200", 200, "" },
	{ "201", 201, "" },
	{ "204", 204, "" },
	{ "401", 401, "unauthenticated" },
	{ "404", 404, "tenant_not_found" },
	{ "PEND", 403, "membership_pending" },
	{ "SUSP", 403, "membership_suspended" },
	{ "ROLE", 403, "forbidden" },
	{ "SHUT", 403, "tenant_not_active" },
	{ "DONE", 409, "conflict" },
	{ "LAST", 409, "last_owner" },
};

/* open: the tenant is onboarding or active; shut: suspended or closed; any: whatever it is. The caller's token
 * names the tenant; a stranger owns another one; nobody has no token; owner is the only one. */
// clang-format off
static const struct row {
	const char *route, *tenant, *cells;
} rows[] = {
	/* route                            tenant        nobody  stranger removed rejected pending suspended member admin owner */
	{ "GET /healthz",                   "any",        "200    200      200     200      200     200       200    200   200" },
	{ "GET /readyz",                    "any",        "200    200      200     200      200     200       200    200   200" },
	{ "GET /metrics",                   "any",        "200    200      200     200      200     200       200    200   200" },
	{ "GET /v1/openapi.json",           "any",        "200    200      200     200      200     200       200    200   200" },

	{ "POST /v1/auth/bootstrap",        "open",       "401    200      404     404      PEND    SUSP      200    200   200" },
	{ "POST /v1/auth/bootstrap",        "shut",       "401    SHUT     404     404      PEND    SUSP      200    200   200" },
	{ "GET /v1/auth/me",                "any",        "401    200      200     200      200     200       200    200   200" },

	{ "GET /v1/tenant",                 "any",        "401    404      404     404      PEND    SUSP      200    200   200" },
	{ "PATCH /v1/tenant",               "open",       "401    404      404     404      PEND    SUSP      ROLE   200   200" },
	{ "PATCH /v1/tenant",               "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },

	{ "GET /v1/members",                "open",       "401    404      404     404      PEND    SUSP      200    200   200" },
	{ "GET /v1/members",                "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "POST /v1/members/leave",         "open",       "401    404      404     404      PEND    SUSP      204    204   LAST" },
	{ "POST /v1/members/leave",         "shut",       "401    404      404     404      PEND    SUSP      204    204   204" },
	{ "GET /v1/members/{user_id}",      "open",       "401    404      404     404      PEND    SUSP      200    200   200" },
	{ "GET /v1/members/{user_id}",      "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "PATCH /v1/members/{user_id}",    "open",       "401    404      404     404      PEND    SUSP      ROLE   200   200" },
	{ "PATCH /v1/members/{user_id}",    "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "DELETE /v1/members/{user_id}",   "open",       "401    404      404     404      PEND    SUSP      ROLE   204   204" },
	{ "DELETE /v1/members/{user_id}",   "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },

	{ "GET /v1/onboarding",             "open",       "401    404      404     404      PEND    SUSP      ROLE   200   200" },
	{ "GET /v1/onboarding",             "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "POST /v1/onboarding/complete",   "onboarding", "401    404      404     404      PEND    SUSP      ROLE   200   200" },
	{ "POST /v1/onboarding/complete",   "active",     "401    404      404     404      PEND    SUSP      ROLE   DONE  DONE" },
	{ "POST /v1/onboarding/complete",   "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },

	{ "GET /v1/audit",                  "any",        "401    404      404     404      PEND    SUSP      ROLE   200   200" },

	/* app.things, registered with the usual guard: its members read and write, its admins delete. */
	{ "GET /v1/resources", "open",       "401    404      404     404      PEND    SUSP      200    200   200" },
	{ "GET /v1/resources", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "GET /v1/data/{resource}", "active",     "401    404      404     404      PEND    SUSP      200    200   200" },
	{ "GET /v1/data/{resource}", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "GET /v1/data/{resource}", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "POST /v1/data/{resource}", "active",     "401    404      404     404      PEND    SUSP      201    201   201" },
	{ "POST /v1/data/{resource}", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "POST /v1/data/{resource}", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "PATCH /v1/data/{resource}", "active",     "401    404      404     404      PEND    SUSP      200    200   200" },
	{ "PATCH /v1/data/{resource}", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "PATCH /v1/data/{resource}", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "DELETE /v1/data/{resource}", "active",     "401    404      404     404      PEND    SUSP      ROLE   204   204" },
	{ "DELETE /v1/data/{resource}", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "DELETE /v1/data/{resource}", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "GET /v1/data/{resource}/{id}", "active",     "401    404      404     404      PEND    SUSP      200    200   200" },
	{ "GET /v1/data/{resource}/{id}", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "GET /v1/data/{resource}/{id}", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "PATCH /v1/data/{resource}/{id}", "active",     "401    404      404     404      PEND    SUSP      200    200   200" },
	{ "PATCH /v1/data/{resource}/{id}", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "PATCH /v1/data/{resource}/{id}", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "PUT /v1/data/{resource}/{id}", "active",     "401    404      404     404      PEND    SUSP      200    200   200" },
	{ "PUT /v1/data/{resource}/{id}", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "PUT /v1/data/{resource}/{id}", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "DELETE /v1/data/{resource}/{id}", "active",     "401    404      404     404      PEND    SUSP      ROLE   204   204" },
	{ "DELETE /v1/data/{resource}/{id}", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "DELETE /v1/data/{resource}/{id}", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "GET /v1/data/{resource}/{id}/content", "active",     "401    404      404     404      PEND    SUSP      200    200   200" },
	{ "GET /v1/data/{resource}/{id}/content", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "GET /v1/data/{resource}/{id}/content", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "PUT /v1/data/{resource}/{id}/content", "active",     "401    404      404     404      PEND    SUSP      204    204   204" },
	{ "PUT /v1/data/{resource}/{id}/content", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "PUT /v1/data/{resource}/{id}/content", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "DELETE /v1/data/{resource}/{id}/content", "active",     "401    404      404     404      PEND    SUSP      ROLE   204   204" },
	{ "DELETE /v1/data/{resource}/{id}/content", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "DELETE /v1/data/{resource}/{id}/content", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "POST /v1/data/{resource}/{action}", "active",     "401    404      404     404      PEND    SUSP      ROLE   200   200" },
	{ "POST /v1/data/{resource}/{action}", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "POST /v1/data/{resource}/{action}", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "POST /v1/data/{resource}/{id}/{action}", "active",     "401    404      404     404      PEND    SUSP      200    200   200" },
	{ "POST /v1/data/{resource}/{id}/{action}", "onboarding", "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
	{ "POST /v1/data/{resource}/{id}/{action}", "shut",       "401    404      404     404      PEND    SUSP      SHUT   SHUT  SHUT" },
};

/* What a route is sent, where an empty request would not do. */
static const struct {
	const char *route, *body;
} bodies[] = {
	{ "PATCH /v1/tenant",             "{\"name\":\"another name\"}" },
	{ "PATCH /v1/members/{user_id}",  "{\"role\":\"member\",\"status\":\"active\"}" },
	{ "POST /v1/onboarding/complete", "{\"organization_name\":\"A Company\"}" },
	{ "POST /v1/data/{resource}",       "{\"name\":\"new\"}" },
	{ "PATCH /v1/data/{resource}",      "{\"name\":\"changed\"}" },
	{ "PATCH /v1/data/{resource}/{id}", "{\"name\":\"changed\"}" },
	{ "PUT /v1/data/{resource}/{id}",   "{\"name\":\"replaced\"}" },
	{ "PUT /v1/data/{resource}/{id}/content", "{\"bytes\":true}" },
};
// clang-format on

enum caller { NOBODY, STRANGER, REMOVED, REJECTED, PENDING, SUSPENDED, MEMBER, ADMIN, OWNER, CALLERS };
static const char *const names[CALLERS] = { "nobody", "stranger", "removed", "rejected", "pending",
	"suspended", "member", "admin", "owner" };
static const char *const roles[CALLERS] = { "member", "member", "member", "member", "member", "member",
	"member", "tenant_admin", "owner" };
static const char *const statuses[CALLERS] = { "", "", "removed", "rejected", "pending", "suspended",
	"active", "active", "active" };
static const char *const tenant_statuses[] = { "onboarding", "active", "suspended", "closed" };

#define TENANT "11111111-1111-4111-8111-111111111111"
#define OTHER "22222222-2222-4222-8222-222222222222"

/* Everybody as the table has them, the tenant in this status; whatever the last request did is undone. */
static void set_the_scene(const char *tenant_status)
{
	struct buf b;
	buf_init(&b, http_arena(), 16384);
	for (int i = STRANGER; i < CALLERS; i++)
		buf_printf(&b,
			"INSERT INTO tenantd.users (issuer, subject) VALUES ('" ISS_MAIN
			"', '%s') ON CONFLICT DO NOTHING;",
			names[i]);
	buf_printf(&b,
		"INSERT INTO tenantd.users (id, issuer, subject) VALUES ('" TARGET "', '" ISS_MAIN "', 'target')"
		" ON CONFLICT DO NOTHING;"
		"INSERT INTO tenantd.tenants (id, env, slug, name, organization_name, status) VALUES"
		" ('" TENANT "', 'dev', 'verdicts', 'verdicts', 'Verdicts', 'suspended'),"
		" ('" OTHER "', 'dev', 'other', 'other', 'Other', 'suspended') ON CONFLICT DO NOTHING;"
		"UPDATE tenantd.tenants SET status = 'suspended', organization_name = 'Verdicts';"
		"DELETE FROM tenantd.tenant_members;"
		"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)"
		" VALUES ('" TENANT "', 'dev', '" TARGET "', 'member', 'active');"
		"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)"
		" SELECT '" OTHER "', 'dev', id, 'owner', 'active' FROM tenantd.users WHERE subject = 'stranger';");
	for (int i = REMOVED; i < CALLERS; i++)
		buf_printf(&b,
			"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)"
			" SELECT '" TENANT "', 'dev', id, '%s', '%s' FROM tenantd.users WHERE subject = '%s';",
			roles[i], statuses[i], names[i]);
	buf_printf(&b,
		"INSERT INTO app.things (id, tenant_id, env, name) VALUES ('" TARGET "', '" TENANT "', 'dev', 'n')"
		" ON CONFLICT DO NOTHING;"
		"INSERT INTO app.thing_contents (id, tenant_id, env, content) VALUES ('" TARGET "', '" TENANT
		"', 'dev', '') ON CONFLICT DO NOTHING;"
		"UPDATE tenantd.tenants SET status = 'active' WHERE id = '" OTHER "';"
		"UPDATE tenantd.tenants SET status = '%s' WHERE id = '" TENANT "'",
		tenant_status);
	struct str script = buf_str(&b);
	sql("BEGIN; %.*s; COMMIT", STR_ARG(script));
}

static bool applies(const struct row *row, const char *tenant_status)
{
	bool is_open = strcmp(tenant_status, "onboarding") == 0 || strcmp(tenant_status, "active") == 0;
	return strcmp(row->tenant, "any") == 0 || strcmp(row->tenant, tenant_status) == 0 ||
		strcmp(row->tenant, is_open ? "open" : "shut") == 0;
}

/* The word of the cell; NULL when the row is too short. */
static const struct verdict *verdict_of(const struct row *row, int caller)
{
	struct str rest = str_c(row->cells), word = STR("");
	for (int i = 0; i <= caller; i++)
		do
			rest = str_split(rest, ' ', &word);
		while (str_is_empty(word) && !str_is_empty(rest));
	for (size_t i = 0; i < COUNT_OF(verdicts); i++)
		if (str_eq(word, str_c(verdicts[i].name)))
			return &verdicts[i];
	return NULL;
}

static const char *route_name(const struct route *r)
{
	return text_of("%s %s", method_name(r->method), r->path);
}

static const char *body_of(const char *route)
{
	for (size_t i = 0; i < COUNT_OF(bodies); i++)
		if (strcmp(bodies[i].route, route) == 0)
			return bodies[i].body;
	return NULL;
}

static bool is_audited(const char *code)
{
	for (int i = 0; i < ERROR_COUNT; i++)
		if (strcmp(error_info((enum error_code)i)->code, code) == 0)
			return error_info((enum error_code)i)->flags & AUDITED;
	return false;
}

/* How many refusals were written so far, each with its count. */
struct refusals {
	int64_t inside, outside;
};

static struct refusals refusals(void)
{
	return (struct refusals){
		ask_number("SELECT coalesce(sum(count), 0) FROM tenantd.audit_events WHERE tenant_id = '" TENANT
				   "' AND action = 'access.refused'"),
		ask_number(
			"SELECT coalesce(sum(count), 0) FROM tenantd.system_events WHERE action = 'access.refused'"),
	};
}

/* A member's refusal stands in the tenant's log, anybody else's in the system's; nothing else is a refusal. */
static bool left_its_row(const struct http_reply *r, int caller, struct refusals before)
{
	bool is_member = caller >= PENDING;
	int64_t wanted = is_audited(r->code);
	struct refusals now = refusals();
	int64_t inside = now.inside - before.inside, outside = now.outside - before.outside;
	if (inside == (is_member ? wanted : 0) && outside == (is_member ? 0 : wanted))
		return true;
	fprintf(stderr, "  %s: %lld rows in the tenant's log, %lld in the system's\n", r->code, (long long)inside,
		(long long)outside);
	return false;
}

static bool try_cell(const struct route *route, const struct row *row, int caller, const char *tenant_status)
{
	const char *name = route_name(route), *target = route_target(http_arena(), route);
	const struct verdict *verdict = verdict_of(row, caller);
	const char *bearer = caller == NOBODY ? NULL : token(names[caller], TENANT, "dev");
	if (!verdict) {
		fprintf(stderr, "  %s: no verdict for %s\n", name, names[caller]);
		return false;
	}
	set_the_scene(tenant_status);
	struct refusals before = refusals();
	struct http_reply r = HTTP(method_name(route->method), target, .token = bearer, .body = body_of(name));
	bool good = http_is(&r, verdict->status, verdict->code) && left_its_row(&r, caller, before);
	if (good && route->method == METHOD_GET) {
		struct http_reply head = HTTP("HEAD", target, .token = bearer);
		good = http_is(&head, verdict->status, NULL) && str_is_empty(head.body);
	}
	if (!good)
		fprintf(stderr, "  in: %s as %s, tenant %s\n", name, names[caller], tenant_status);
	return good;
}

static void every_route_judges_every_caller_as_the_table_says(void)
{
	size_t count;
	const struct route *all = routes(&count);
	for (size_t i = 0; i < count; i++) {
		for (size_t s = 0; s < COUNT_OF(tenant_statuses); s++) {
			const struct row *row = NULL;
			for (size_t j = 0; j < COUNT_OF(rows); j++)
				if (strcmp(rows[j].route, route_name(&all[i])) == 0 && applies(&rows[j], tenant_statuses[s]))
					row = &rows[j];
			if (!row)
				fprintf(stderr, "  no row for %s, tenant %s\n", route_name(&all[i]), tenant_statuses[s]);
			CU_ASSERT_PTR_NOT_NULL(row);
			for (int caller = 0; row && caller < CALLERS; caller++)
				CU_ASSERT(try_cell(&all[i], row, caller, tenant_statuses[s]));
			http_forget();
		}
	}
}

static void every_row_is_of_a_route(void)
{
	size_t count;
	const struct route *all = routes(&count);
	for (size_t j = 0; j < COUNT_OF(rows); j++) {
		bool found = false;
		for (size_t i = 0; i < count; i++)
			found = found || strcmp(rows[j].route, route_name(&all[i])) == 0;
		if (!found)
			fprintf(stderr, "  no route %s\n", rows[j].route);
		CU_ASSERT(found);
	}
}

/* T19, T33: the same caller with a token of another env finds nothing, whatever they are here. */
static void every_tenant_route_hides_the_tenant_from_another_env(void)
{
	size_t count;
	const struct route *all = routes(&count);
	set_the_scene("active");
	for (size_t i = 0; i < count; i++) {
		if (all[i].guard.least == LEAST_ANYBODY)
			continue;
		const char *name = route_name(&all[i]);
		struct http_reply r = HTTP(method_name(all[i].method), route_target(http_arena(), &all[i]),
			.token = token("owner", TENANT, "prod"), .body = body_of(name));
		CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	}
	http_forget();
}

static void register_things(void)
{
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; CREATE SCHEMA app;"
		"CREATE TABLE app.things (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);"
		"SELECT tenantd.register_resource('app.things');"
		"CREATE TABLE app.thing_contents (id uuid, tenant_id uuid, content bytea NOT NULL,"
		" content_type text NOT NULL DEFAULT 'text/plain', PRIMARY KEY (tenant_id, id),"
		" FOREIGN KEY (tenant_id, id) REFERENCES app.things (tenant_id, id) ON DELETE CASCADE);"
		"SELECT tenantd.register_resource('app.thing_contents', content_of => 'things');"
		"CREATE FUNCTION app.thing_act(uuid) RETURNS json LANGUAGE sql SET search_path = pg_catalog, pg_temp "
		"AS"
		" $$ SELECT to_json($1) $$;"
		"CREATE FUNCTION app.things_act(json) RETURNS json LANGUAGE sql SET search_path = pg_catalog, "
		"pg_temp AS"
		" $$ SELECT to_json(1) $$;"
		"SELECT tenantd.register_action('things', 'act', 'app.thing_act(uuid)');"
		"SELECT tenantd.register_action('things', 'act_on_all', 'app.things_act(json)',"
		" least_role => 'tenant_admin', on_collection => true); COMMIT");
	stack_reload();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(every_route_judges_every_caller_as_the_table_says),
		TEST(every_row_is_of_a_route),
		TEST(every_tenant_route_hides_the_tenant_from_another_env),
	};
	stack_up();
	register_things();
	return unit_main("verdicts", tests, COUNT_OF(tests));
}
