/*
 * The result of every route for every caller and every status of the tenant, as the lines of tests/cases say. Those lines
 * answer "who may do what, and when". A route without a line fails the test, and so does a line without a route. For each
 * refusal the test also looks for its audit row in the right tenant.
 */
#include "app/routes.h"
#include "core/buf.h"
#include "support/cases.h"
#include "support/http.h"
#include "support/routes.h"
#include "support/stack.h"
#include "support/unit.h"

/* The content of a cell: a status and a code. */
static const struct verdict {
	const char *name;
	int status;
	const char *code;
} verdicts[] = {
	{ "200", 200, "" },
	{ "201", 201, "" },
	{ "202", 202, "" },
	{ "204", 204, "" },
	{ "401", 401, "unauthenticated" },
	{ "404", 404, "tenant_not_found" },
	{ "PEND", 403, "membership_pending" },
	{ "SUSP", 403, "membership_suspended" },
	{ "ROLE", 403, "forbidden" },
	{ "SHUT", 403, "tenant_not_active" },
	{ "NONE", 404, "not_found" },
	{ "DONE", 409, "conflict" },
	{ "LAST", 409, "last_owner" },
};

static const char *const names[CALLERS] = { "nobody", "stranger", "removed", "rejected", "pending",
	"suspended", "member", "admin", "owner", "sysadmin", "key", "foreign" };
/* Of the members of the tenant, REMOVED to OWNER. */
static const char *const roles[CALLERS] = { [REMOVED] = "member",
	[REJECTED] = "member",
	[PENDING] = "member",
	[SUSPENDED] = "member",
	[MEMBER] = "member",
	[ADMIN] = "tenant_admin",
	[OWNER] = "owner" };
static const char *const statuses[CALLERS] = { [REMOVED] = "removed",
	[REJECTED] = "rejected",
	[PENDING] = "pending",
	[SUSPENDED] = "suspended",
	[MEMBER] = "active",
	[ADMIN] = "active",
	[OWNER] = "active" };
static const char *const tenant_statuses[] = { "onboarding", "active", "suspended", "closed" };

#define TENANT TARGET_TENANT
#define OTHER "22222222-2222-4222-8222-222222222222"
#define FOREIGN_TENANT "44444444-4444-4444-8444-444444444444"
#define API_KEY "tnt_dev_11111111111141118111111111111111_0123456789012345678901234567890123456789012"

/* Everybody as the table has them, the tenant in this status, and what the route is about; whatever the last request did is
 * undone. */
static void set_the_scene(const struct route *route, const char *tenant_status)
{
	struct buf b;
	buf_init(&b, http_arena(), 16384);
	for (int i = STRANGER; i < CALLERS; i++) {
		if (i == KEY)
			continue;
		buf_printf(&b,
			"INSERT INTO tenantd.users (issuer, subject) VALUES ('" ISS_MAIN
			"', '%s') ON CONFLICT DO NOTHING;",
			names[i]);
	}
	buf_printf(&b,
		"INSERT INTO tenantd.users (id, issuer, subject, email, email_verified)"
		" VALUES ('" TARGET "', '" ISS_MAIN "', 'target', 'target@example.com', true) ON CONFLICT DO NOTHING;"
		"UPDATE tenantd.users SET system_admin = true WHERE subject = 'sysadmin' AND NOT system_admin;"
		"INSERT INTO tenantd.tenants (id, env, slug, name, organization_name, status) VALUES"
		" ('" TENANT "', 'dev', 'target', 'verdicts', 'Verdicts', 'suspended'),"
		" ('" OTHER "', 'dev', 'other', 'other', 'Other', 'suspended'),"
		" ('" TARGET "', 'dev', 'administered', 'target', 'Target', 'suspended'),"
		" ('" FOREIGN_TENANT "', 'dev', 'foreign', 'foreign', 'Foreign', 'suspended') ON CONFLICT DO NOTHING;"
		"UPDATE tenantd.tenants SET status = 'suspended', organization_name = 'Verdicts';"
		"DELETE FROM tenantd.tenant_members;"
		"DELETE FROM tenantd.accounts;"
		"DELETE FROM tenantd.ownership_offers;"
		"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)"
		" SELECT t, 'dev', id, 'owner', 'active' FROM tenantd.users, unnest(ARRAY['" OTHER "', '" TARGET
		"']::uuid[]) t WHERE subject = 'stranger';"
		"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)"
		" SELECT '" FOREIGN_TENANT
		"', 'dev', id, 'owner', 'active' FROM tenantd.users WHERE subject = 'foreign';");
	for (int i = REMOVED; i <= OWNER; i++)
		buf_printf(&b,
			"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)"
			" SELECT '" TENANT "', 'dev', id, '%s', '%s' FROM tenantd.users WHERE subject = '%s';",
			roles[i], statuses[i], names[i]);
	buf_printf(&b, "%s", target_script(http_arena(), route));
	/* An offer that is older than the membership it was made to is worth nothing. */
	buf_printf(&b,
		"INSERT INTO tenantd.ownership_offers (tenant_id, env, id, offered_by, user_id)"
		" SELECT '" TENANT "', 'dev', '" TARGET "', o.id, m.id FROM tenantd.users o, tenantd.users m"
		" WHERE o.subject = 'owner' AND m.subject = 'member';"
		"DELETE FROM tenantd.api_keys; INSERT INTO tenantd.api_keys (tenant_id, env, id, name, role, digest, created_by, expires_at)"
		" VALUES ('" TENANT "', 'dev', '" TARGET "', 'k', 'member', sha256('x'), '" TARGET "', 'infinity'),"
		" ('" TENANT "', 'dev', '" TENANT "', 'key', 'tenant_admin', sha256('" API_KEY "'), '" TARGET
		"', 'infinity');"
		"DELETE FROM app.things WHERE tenant_id = '" FOREIGN_TENANT "';"
		"INSERT INTO app.things (id, tenant_id, env, name) VALUES ('" TARGET "', '" TENANT "', 'dev', 'n')"
		" ON CONFLICT DO NOTHING;"
		"INSERT INTO app.thing_contents (id, tenant_id, env, content) VALUES ('" TARGET "', '" TENANT
		"', 'dev', '') ON CONFLICT DO NOTHING;"
		"UPDATE tenantd.tenants SET status = 'active' WHERE id IN ('" OTHER "', '" TARGET
		"', '" FOREIGN_TENANT "');"
		"UPDATE tenantd.tenants SET status = '%s' WHERE id = '" TENANT "'",
		tenant_status);
	struct str script = buf_str(&b);
	sql("BEGIN; %.*s; COMMIT", STR_ARG(script));
}

static bool is_open(const char *tenant_status)
{
	return strcmp(tenant_status, "onboarding") == 0 || strcmp(tenant_status, "active") == 0;
}

static bool applies(const struct route_case *c, const char *tenant_status)
{
	return str_eq(c->tenant, STR("any")) || str_eq(c->tenant, str_c(tenant_status)) ||
		str_eq(c->tenant, is_open(tenant_status) ? STR("open") : STR("shut"));
}

static const struct verdict *verdict_of(const struct route_case *c, int caller, const char *tenant_status)
{
	struct str open, shut = str_split(c->cells[caller], '/', &open);
	struct str cell = is_open(tenant_status) || str_is_empty(shut) ? open : shut;
	for (size_t i = 0; i < COUNT_OF(verdicts); i++)
		if (str_eq(cell, str_c(verdicts[i].name)))
			return &verdicts[i];
	return NULL;
}

static bool is_audited(const char *code)
{
	for (int i = 0; i < ERROR_COUNT; i++)
		if (strcmp(error_info((enum error_code)i)->code, code) == 0)
			return error_info((enum error_code)i)->flags & AUDITED;
	return false;
}

/* The logs in which a refusal may stand. */
enum { LOG_OF_TENANT, LOG_OF_FOREIGN, LOG_OF_SYSTEM, LOGS };
struct refusals {
	int64_t in[LOGS]; /* how many were written so far, each with its count */
};

static struct refusals refusals(void)
{
#define REFUSED_IN(tenant)                                                                                   \
	ask_number("SELECT coalesce(sum(count), 0) FROM tenantd.audit_events WHERE tenant_id = '" tenant         \
			   "' AND action = 'access.refused'")
	return (struct refusals){ {
		[LOG_OF_TENANT] = REFUSED_IN(TENANT),
		[LOG_OF_FOREIGN] = REFUSED_IN(FOREIGN_TENANT),
		[LOG_OF_SYSTEM] = ask_number(
			"SELECT coalesce(sum(count), 0) FROM tenantd.system_events WHERE action = 'access.refused'"),
	} };
#undef REFUSED_IN
}

/* The refusal of a member and of a key stands in the log of their own tenant, anybody else's in the system's; nothing else is
 * a refusal. */
static bool left_its_row(const struct http_reply *r, int caller, struct refusals before)
{
	bool is_inside = (caller >= PENDING && caller <= OWNER) || caller == KEY;
	int log = is_inside ? LOG_OF_TENANT : caller == FOREIGN ? LOG_OF_FOREIGN : LOG_OF_SYSTEM;
	struct refusals now = refusals();
	bool good = true;
	for (int i = 0; i < LOGS; i++)
		good = good && now.in[i] - before.in[i] == (i == log && is_audited(r->code));
	if (!good)
		fprintf(stderr,
			"  %s: %lld rows in the tenant's log, %lld in the foreign one's, %lld in the system's\n", r->code,
			(long long)(now.in[LOG_OF_TENANT] - before.in[LOG_OF_TENANT]),
			(long long)(now.in[LOG_OF_FOREIGN] - before.in[LOG_OF_FOREIGN]),
			(long long)(now.in[LOG_OF_SYSTEM] - before.in[LOG_OF_SYSTEM]));
	return good;
}

/* What the caller proves who they are with. */
static const char *bearer_of(int caller)
{
	switch (caller) {
	case NOBODY:
		return NULL;
	case KEY:
		return API_KEY;
	default:
		return token(names[caller], caller == FOREIGN ? FOREIGN_TENANT : TENANT, "dev");
	}
}

static bool try_cell(
	const struct route *route, const struct route_case *c, int caller, const char *tenant_status)
{
	const char *target = route_target(http_arena(), route);
	const struct verdict *verdict = verdict_of(c, caller, tenant_status);
	const char *bearer = bearer_of(caller);
	if (!verdict) {
		fprintf(stderr, "  %.*s: no verdict for %s\n", STR_ARG(c->route), names[caller]);
		return false;
	}
	set_the_scene(route, tenant_status);
	struct refusals before = refusals();
	/* A visitor's route reads no token, so that the env has to be said beside it. */
	struct http_reply r =
		HTTP(method_name(route->method), target, .token = bearer, .env = "dev", .body = case_body(route));
	bool good = http_is(&r, verdict->status, verdict->code) && left_its_row(&r, caller, before);
	if (good && route->method == METHOD_GET) {
		struct http_reply head = HTTP("HEAD", target, .token = bearer, .env = "dev");
		good = http_is(&head, verdict->status, NULL) && str_is_empty(head.body);
	}
	if (!good)
		fprintf(stderr, "  in: %.*s as %s, tenant %s\n", STR_ARG(c->route), names[caller], tenant_status);
	return good;
}

static const struct route *route_named(struct str name)
{
	size_t count;
	const struct route *all = routes(&count);
	for (size_t i = 0; i < count; i++)
		if (str_eq(case_name(http_arena(), &all[i]), name))
			return &all[i];
	return NULL;
}

/* Each line for each status of the tenant that it speaks of. */
static void judge(const char *family)
{
	size_t count, tried = 0;
	const struct route_case *all = cases(&count);
	for (size_t i = 0; i < count; i++) {
		const struct route *route = route_named(all[i].route);
		if (!str_eq(all[i].family, str_c(family)))
			continue;
		if (!route)
			fprintf(stderr, "  no route %.*s\n", STR_ARG(all[i].route));
		CU_ASSERT_PTR_NOT_NULL(route);
		for (size_t s = 0; route && s < COUNT_OF(tenant_statuses); s++)
			for (int caller = 0; applies(&all[i], tenant_statuses[s]) && caller < CALLERS; caller++, tried++)
				CU_ASSERT(try_cell(route, &all[i], caller, tenant_statuses[s]));
		http_forget();
	}
	CU_ASSERT(tried > 0);
}

#define FAMILIES(X)                                                                                          \
	X(server)                                                                                                \
	X(auth)                                                                                                  \
	X(accounts)                                                                                              \
	X(tenant)                                                                                                \
	X(ownership)                                                                                             \
	X(members)                                                                                               \
	X(invitations)                                                                                           \
	X(join_requests) X(onboarding) X(api_keys) X(domains) X(audit) X(resources) X(data) X(admin)
#define X(family)                                                                                            \
	static void the_routes_of_##family##_judge_every_caller(void)                                            \
	{                                                                                                        \
		judge(#family);                                                                                      \
	}
FAMILIES(X)
#undef X

/* No route is left out, for any status of a tenant, and no family. */
static void every_route_has_its_cases(void)
{
	size_t count, case_count, family_count;
	const struct route *all = routes(&count);
	const struct route_case *lines = cases(&case_count);
	const struct route_family *const *families = route_families(&family_count);
	static const char *const judged[] = {
#define X(family) #family,
		FAMILIES(X)
#undef X
	};
	for (size_t i = 0; i < count; i++) {
		struct str name = case_name(http_arena(), &all[i]);
		for (size_t s = 0; s < COUNT_OF(tenant_statuses); s++) {
			size_t found = 0;
			for (size_t j = 0; j < case_count; j++)
				found += str_eq(lines[j].route, name) && applies(&lines[j], tenant_statuses[s]);
			if (found != 1)
				fprintf(
					stderr, "  %zu lines for %.*s, tenant %s\n", found, STR_ARG(name), tenant_statuses[s]);
			CU_ASSERT_EQUAL(found, 1);
		}
	}
	for (size_t f = 0; f < family_count; f++) {
		bool is_judged = false;
		for (size_t j = 0; j < COUNT_OF(judged); j++)
			is_judged = is_judged || strcmp(judged[j], families[f]->name) == 0;
		CU_ASSERT(is_judged);
	}
	http_forget();
}

/* T19, T33: the same caller with a token of another env finds nothing, whatever they are here. */
static void every_tenant_route_hides_the_tenant_from_another_env(void)
{
	size_t count;
	const struct route *all = routes(&count);
	set_the_scene(NULL, "active");
	for (size_t i = 0; i < count; i++) {
		if (all[i].guard.least == LEAST_ANYBODY || all[i].guard.least == LEAST_SYSTEM_ADMIN)
			continue;
		struct http_reply r = HTTP(method_name(all[i].method), route_target(http_arena(), &all[i]),
			.token = token("owner", TENANT, "prod"), .body = case_body(&all[i]));
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
		"CREATE FUNCTION app.thing_act(uuid) RETURNS json LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS"
		" $$ BEGIN PERFORM FROM app.things WHERE id = $1;"
		" IF NOT FOUND THEN RAISE EXCEPTION 'no such thing' USING ERRCODE = 'TD404'; END IF;"
		" RETURN to_json($1); END $$;"
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
		TEST(every_route_has_its_cases),
#define X(family) TEST(the_routes_of_##family##_judge_every_caller),
		FAMILIES(X)
#undef X
			TEST(every_tenant_route_hides_the_tenant_from_another_env),
	};
	stack_up();
	register_things();
	return unit_main("verdicts", tests, COUNT_OF(tests));
}
