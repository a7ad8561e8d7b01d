/*
 * Bootstrap and /v1/me: how a user gets a tenant exactly once, and which requests never give them one.
 */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

enum { PARALLEL = 200 };

static struct http_reply bootstrap(const char *bearer)
{
	return HTTP("POST", "/v1/auth/bootstrap", .token = bearer);
}

static bool json_is(const struct http_reply *r, const char *path, bool wanted)
{
	bool value = !wanted;
	return json_bool(json_path(r->json, str_c(path)), &value) && value == wanted;
}

static int64_t tenants_of(const char *subject)
{
	return ask_number(
		"SELECT count(*) FROM tenantd.tenants t JOIN tenantd.users u ON u.id = t.bootstrapped_by"
		" WHERE u.subject = '%s'",
		subject);
}

static void a_new_user_gets_a_tenant_and_owns_it(void)
{
	const char *who = someone("new");
	struct http_reply r = bootstrap(token(who, NULL, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	const char *tenant = http_text(&r, "tenant_id"), *user = http_text(&r, "user_id");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "role"), "owner");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "env"), "dev");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant_status"), "onboarding");
	CU_ASSERT(json_is(&r, "created", true));
	CU_ASSERT_EQUAL(json_count(r.json), 6);
	CU_ASSERT_EQUAL(events_of(tenant, "tenant.created"), 1);
	CU_ASSERT_EQUAL(events_of(tenant, "member.joined"), 1);
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM tenantd.system_events WHERE action = 'user.created' AND object_id = '%s'",
			user),
		1);
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM tenantd.tenants WHERE id = '%s' AND organization_name IS NULL", tenant),
		1);
}

static void a_repeat_answers_the_same(void)
{
	const char *who = someone("repeat");
	struct http_reply first = bootstrap(token(who, NULL, "dev")), again = bootstrap(token(who, NULL, "dev"));
	CU_ASSERT(http_is(&again, 200, ""));
	CU_ASSERT(json_is(&again, "created", false));
	CU_ASSERT_STRING_EQUAL(http_text(&again, "tenant_id"), http_text(&first, "tenant_id"));
	CU_ASSERT_STRING_EQUAL(http_text(&again, "user_id"), http_text(&first, "user_id"));
	CU_ASSERT_STRING_EQUAL(http_text(&again, "role"), "owner");
	const char *tenant = http_text(&first, "tenant_id");
	struct http_reply claimed = bootstrap(token(who, tenant, "dev"));
	CU_ASSERT(http_is(&claimed, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&claimed, "tenant_id"), tenant);
	CU_ASSERT_STRING_EQUAL(http_text(&claimed, "role"), "owner");
	CU_ASSERT_EQUAL(events_of(tenant, "tenant.created"), 1);
	CU_ASSERT_EQUAL(tenants_of(who), 1);
}

static void each_env_has_a_tenant_of_its_own(void)
{
	const char *who = someone("envs");
	struct http_reply dev = bootstrap(token(who, NULL, "dev")), prod = bootstrap(token(who, NULL, "prod"));
	CU_ASSERT(http_is(&dev, 200, "") && http_is(&prod, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&dev, "user_id"), http_text(&prod, "user_id"));
	CU_ASSERT_STRING_NOT_EQUAL(http_text(&dev, "tenant_id"), http_text(&prod, "tenant_id"));
	CU_ASSERT(json_is(&prod, "created", true));
	struct http_reply r = bootstrap(token(who, http_text(&dev, "tenant_id"), "prod"));
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
}

static void a_signed_claim_attaches_as_member(void)
{
	const char *who = someone("claim"), *tenant = tenant_of(someone("claim"));
	struct http_reply r = bootstrap(token(who, tenant, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant_id"), tenant);
	CU_ASSERT_STRING_EQUAL(http_text(&r, "role"), "member");
	CU_ASSERT(json_is(&r, "created", false));
	CU_ASSERT_EQUAL(tenants_of(who), 0);
	CU_ASSERT_EQUAL(events_of(tenant, "member.joined"), 2);
	r = bootstrap(token(who, tenant, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_EQUAL(events_of(tenant, "member.joined"), 2);
	/* Without a claim it is their own tenant, whatever else they belong to. */
	r = bootstrap(token(who, NULL, "dev"));
	CU_ASSERT(http_is(&r, 200, "") && json_is(&r, "created", true));
	CU_ASSERT_STRING_NOT_EQUAL(http_text(&r, "tenant_id"), tenant);
	r = bootstrap(token(who, "99999999-9999-4999-8999-999999999999", "dev"));
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
}

static void a_header_or_slug_alone_attaches_nobody(void)
{
	const char *tenant = tenant_of(someone("header")), *who = someone("header");
	const char *slug = ask("SELECT slug FROM tenantd.tenants WHERE id = '%s'", tenant);
	static const char *const settings[][2] = { { "off", "tenant_required" },
		{ "validate", "tenant_mismatch" }, { "warn", "tenant_mismatch" } };
	for (size_t i = 0; i < COUNT_OF(settings); i++) {
		stack_set("tenancy", "header_fallback", settings[i][0]);
		stack_reload();
		struct http_reply by_id =
			HTTP("POST", "/v1/auth/bootstrap", .token = token(who, NULL, "dev"), .tenant = tenant);
		struct http_reply by_slug =
			HTTP("POST", "/v1/auth/bootstrap", .token = token(who, NULL, "dev"), .slug = slug);
		CU_ASSERT(http_is(&by_id, 400, settings[i][1]));
		CU_ASSERT(http_is(&by_slug, 400, settings[i][1]));
		/* A stranger hears the same of a tenant that exists and of one that does not. */
		struct http_reply nobodys = HTTP("POST", "/v1/auth/bootstrap", .token = token(who, NULL, "dev"),
			.tenant = "99999999-9999-4999-8999-999999999999");
		CU_ASSERT(http_is(&by_id, nobodys.status, nobodys.code));
		nobodys =
			HTTP("POST", "/v1/auth/bootstrap", .token = token(who, NULL, "dev"), .slug = "nobodys-slug");
		CU_ASSERT(http_is(&by_slug, nobodys.status, nobodys.code));
	}
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id"
				   " WHERE u.subject = '%s'",
			who),
		0);
	stack_set("tenancy", "header_fallback", NULL);
	stack_reload();
}

static void a_membership_that_exists_is_never_altered(void)
{
	static const struct {
		const char *status;
		int answer;
		const char *code;
	} cases[] = {
		{ "removed", 404, "tenant_not_found" },
		{ "rejected", 404, "tenant_not_found" },
		{ "pending", 403, "membership_pending" },
		{ "suspended", 403, "membership_suspended" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *tenant = tenant_of(someone("altered")), *who = someone("altered");
		member_of(tenant, who, "tenant_admin", cases[i].status);
		struct http_reply r = bootstrap(token(who, tenant, "dev"));
		CU_ASSERT(http_is(&r, cases[i].answer, cases[i].code));
		CU_ASSERT_STRING_EQUAL(
			ask("SELECT m.status FROM tenantd.tenant_members m JOIN tenantd.users u ON u.id = m.user_id"
				" WHERE u.subject = '%s'",
				who),
			cases[i].status);
		CU_ASSERT_EQUAL(tenants_of(who), 0);
	}
	/* Nor is the owner who left their own tenant brought back, or given another one. */
	const char *who = someone("altered"), *tenant = tenant_of(who);
	member_of(tenant, someone("altered"), "owner", "active");
	struct http_reply r = HTTP("POST", "/v1/members/leave", .token = token(who, tenant, "dev"));
	CU_ASSERT(http_is(&r, 204, ""));
	r = bootstrap(token(who, NULL, "dev"));
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	r = bootstrap(token(who, tenant, "dev"));
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	CU_ASSERT_EQUAL(tenants_of(who), 1);
}

struct crowd {
	const char *bearer;
	int statuses[PARALLEL];
	char tenants[PARALLEL][40];
};

static void bootstrap_once(size_t number, void *given)
{
	struct crowd *crowd = given;
	struct http_reply r = HTTP("POST", "/v1/auth/bootstrap", .token = crowd->bearer);
	crowd->statuses[number] = r.status;
	snprintf(crowd->tenants[number], sizeof(crowd->tenants[number]), "%s", http_text(&r, "tenant_id"));
}

/* T68 */
static void two_hundred_bootstraps_at_once_make_one_tenant(void)
{
	static struct crowd crowd;
	const char *who = someone("crowd");
	crowd.bearer = token(who, NULL, "dev");
	in_parallel(PARALLEL, bootstrap_once, &crowd);
	size_t good = 0;
	for (size_t i = 0; i < PARALLEL; i++)
		good += crowd.statuses[i] == 200 && strcmp(crowd.tenants[i], crowd.tenants[0]) == 0;
	CU_ASSERT_EQUAL(good, PARALLEL);
	CU_ASSERT_EQUAL(tenants_of(who), 1);
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.users WHERE subject = '%s'", who), 1);
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.tenant_members WHERE tenant_id = '%s' AND role = 'owner'",
			crowd.tenants[0]),
		1);
	CU_ASSERT_EQUAL(events_of(crowd.tenants[0], "tenant.created"), 1);
	CU_ASSERT_EQUAL(events_of(crowd.tenants[0], "member.joined"), 1);
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.system_events WHERE action = 'user.created' AND object_id ="
				   " (SELECT id::text FROM tenantd.users WHERE subject = '%s')",
			who),
		1);
}

/* ---- me ---- */

static void me_knows_a_stranger_by_nothing(void)
{
	struct http_reply r = HTTP("GET", "/v1/auth/me", .token = token(someone("me"), NULL, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_PTR_NOT_NULL(json_path(r.json, STR("user.id")));
	CU_ASSERT_EQUAL(json_kind(json_path(r.json, STR("user.id"))), JSON_NULL);
	CU_ASSERT_EQUAL(json_count(json_get(r.json, STR("user"))), 1);
	CU_ASSERT_EQUAL(json_kind(json_get(r.json, STR("tenant"))), JSON_NULL);
	CU_ASSERT_EQUAL(json_count(json_get(r.json, STR("memberships"))), 0);
	CU_ASSERT_EQUAL(json_count(json_get(r.json, STR("pending_requests"))), 0);
}

static void me_shows_every_membership_at_once_and_nobody_elses(void)
{
	const char *who = someone("me"), *own = tenant_of(who);
	const char *pending = tenant_of(someone("me")), *removed = tenant_of(someone("me"));
	const char *suspended = tenant_of(someone("me"));
	member_of(pending, who, "member", "pending");
	member_of(removed, who, "member", "removed");
	member_of(suspended, who, "member", "suspended");
	struct http_reply r = HTTP("GET", "/v1/auth/me", .token = token(who, own, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant.id"), own);
	CU_ASSERT_STRING_EQUAL(http_text(&r, "role"), "owner");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "env"), "dev");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "user.email"), text_of("%s@example.com", who));
	CU_ASSERT_EQUAL(json_count(json_get(r.json, STR("memberships"))), 3);
	CU_ASSERT_EQUAL(json_count(json_get(r.json, STR("pending_requests"))), 1);
	CU_ASSERT_PTR_NULL(strstr(r.body.at, removed));
	/* Named by the token but not active in it: no tenant, no role. */
	const char *named[] = { pending, removed, suspended };
	for (size_t i = 0; i < COUNT_OF(named); i++) {
		r = HTTP("GET", "/v1/auth/me", .token = token(who, named[i], "dev"));
		CU_ASSERT(http_is(&r, 200, ""));
		CU_ASSERT_EQUAL(json_kind(json_get(r.json, STR("tenant"))), JSON_NULL);
		CU_ASSERT_EQUAL(json_kind(json_get(r.json, STR("role"))), JSON_NULL);
	}
	/* In another env there is nothing of it. */
	r = HTTP("GET", "/v1/auth/me", .token = token(who, NULL, "prod"));
	CU_ASSERT_EQUAL(json_count(json_get(r.json, STR("memberships"))), 0);
}

/* T18: what the database says holds at once, whatever the token says. */
static void demotion_suspension_and_removal_hold_at_once(void)
{
	const char *tenant = tenant_of(someone("live")), *who = someone("live"),
			   *bearer = token(who, tenant, "dev");
	static const struct {
		const char *role, *status;
		int audit, tenant;
	} steps[] = {
		{ "tenant_admin", "active", 200, 200 },
		{ "member", "active", 403, 200 },
		{ "owner", "active", 200, 200 },
		{ "owner", "suspended", 403, 403 },
		{ "owner", "active", 200, 200 },
		{ "owner", "removed", 404, 404 },
	};
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		member_of(tenant, who, steps[i].role, steps[i].status);
		struct http_reply audit = HTTP("GET", "/v1/audit", .token = bearer);
		struct http_reply own = HTTP("GET", "/v1/tenant", .token = bearer);
		CU_ASSERT(http_is(&audit, steps[i].audit, NULL) && http_is(&own, steps[i].tenant, NULL));
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_new_user_gets_a_tenant_and_owns_it),
		TEST(a_repeat_answers_the_same),
		TEST(each_env_has_a_tenant_of_its_own),
		TEST(a_signed_claim_attaches_as_member),
		TEST(a_header_or_slug_alone_attaches_nobody),
		TEST(a_membership_that_exists_is_never_altered),
		TEST(two_hundred_bootstraps_at_once_make_one_tenant),
		TEST(me_knows_a_stranger_by_nothing),
		TEST(me_shows_every_membership_at_once_and_nobody_elses),
		TEST(demotion_suspension_and_removal_hold_at_once),
	};
	stack_up();
	return unit_main("bootstrap", tests, COUNT_OF(tests));
}
