/*
 * System administration over HTTP: the life of a tenant, members and users, reasons in the tenant's audit log, and that
 * being an administrator opens no tenant. Also the steps of onboarding.
 */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#define ROUNDS stack_rounds(200)

#define BECAUSE "{\"reason\":\"because\"}"

/* The token of a system administrator who is in no tenant. */
static const char *admin_named(const char *name)
{
	sql("INSERT INTO tenantd.users (issuer, subject, system_admin) VALUES ('" ISS_MAIN "', '%s', true)",
		name);
	return token(name, NULL, "dev");
}

static const char *admin(void)
{
	return admin_named(someone("admin"));
}

static const char *tenant_at(const char *tenant, const char *act)
{
	return text_of("/v1/admin/tenants/%s%s", tenant, act);
}

static const char *member_in(const char *tenant, const char *user)
{
	return ask(
		"SELECT role || ' ' || status FROM tenantd.tenant_members WHERE tenant_id = '%s' AND user_id = '%s'",
		tenant, user);
}

/* A user who has signed in, in no tenant. */
static const char *user_named(const char *name)
{
	return ask("INSERT INTO tenantd.users (issuer, subject, email, email_verified)"
			   " VALUES ('" ISS_MAIN "', '%s', '%s@example.com', true) RETURNING id",
		name, name);
}

static struct http_reply move(
	const char *bearer, const char *user, const char *from, const char *to, const char *role)
{
	return HTTP("POST", "/v1/admin/reassignments", .token = bearer,
		.body = text_of(
			"{\"user_id\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"role\":\"%s\",\"reason\":\"because\"}", user,
			from, to, role));
}

/* ---- tenants */

static void a_tenant_is_made_with_an_owner_who_works_in_it(void)
{
	const char *bearer = admin(), *owner = someone("made"), *slug = someone("made");
	user_named(owner);
	const char *body = text_of(
		"{\"name\":\"Made\",\"slug\":\"%s\",\"owner_email\":\"%s@EXAMPLE.com\",\"reason\":\"a contract\"}",
		slug, owner);
	struct http_reply r = HTTP(
		"POST", "/v1/admin/tenants", .token = bearer, .body = body, .headers = { "Idempotency-Key: made" });
	CU_ASSERT(http_is(&r, 201, ""));
	const char *tenant = http_text(&r, "id");
	CU_ASSERT(header_is(&r, "Location", tenant_at(tenant, "")));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "status"), "onboarding");
	r = HTTP(
		"POST", "/v1/admin/tenants", .token = bearer, .body = body, .headers = { "Idempotency-Key: made" });
	CU_ASSERT(http_is(&r, 201, "") && header_is(&r, "Location", tenant_at(tenant, "")));
	r = HTTP("POST", "/v1/admin/tenants", .token = bearer, .body = body);
	CU_ASSERT(http_is(&r, 409, "conflict") && body_has(&r, "has the slug"));
	r = HTTP("GET", tenant_at(tenant, ""), .token = bearer);
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, slug));
	/* Its owner works in it, and reads who made it and why. */
	r = HTTP("GET", "/v1/audit?action=tenant.created", .token = token(owner, tenant, "dev"));
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "\"reason\":\"a contract\"") &&
		body_has(&r, "\"actor_label\":\"system administrator\""));
	r = HTTP("POST", "/v1/onboarding/complete", .token = token(owner, tenant, "dev"),
		.body = "{\"organization_name\":\"Made Ltd\"}");
	CU_ASSERT(http_is(&r, 200, ""));
}

static const char *secret_mailed_to(const char *email)
{
	return ask(
		"SELECT params ->> 'token' FROM tenantd.mail_outbox WHERE kind = 'account_made' AND recipient = '%s'",
		email);
}

static void an_owner_whom_nobody_knows_gets_an_account(void)
{
	const char *bearer = admin(), *email = text_of("%s@example.com", someone("unknown"));
	struct http_reply r = HTTP("POST", "/v1/admin/tenants", .token = bearer,
		.body = text_of("{\"name\":\"For you\",\"owner_email\":\"%s\",\"reason\":\"x\"}", email));
	CU_ASSERT(http_is(&r, 201, ""));
	const char *tenant = http_text(&r, "id");
	const char *login = text_of("{\"email\":\"%s\",\"password\":\"a fine long phrase\"}", email);
	r = HTTP("POST", "/v1/auth/login", .env = "dev", .body = login);
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = HTTP("POST", "/v1/auth/password/reset", .env = "dev",
		.body = text_of("{\"token\":\"%s\",\"password\":\"a fine long phrase\"}", secret_mailed_to(email)));
	CU_ASSERT(http_is(&r, 204, ""));
	r = HTTP("POST", "/v1/auth/login", .env = "dev", .body = login);
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, tenant) && body_has(&r, "\"email_verified\":true"));
	r = HTTP("POST", "/v1/admin/tenants", .token = bearer,
		.body =
			"{\"name\":\"N\",\"owner_email\":\"x@example.com\",\"own_issuer\":\"https://evil.example\",\"reason\":\"x\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
}

static void a_tenant_is_suspended_closed_and_brought_back(void)
{
	const char *bearer = admin(), *owner = someone("life"), *tenant = active_tenant_of(owner);
	const char *inside = token(owner, tenant, "dev");
	struct http_reply r = HTTP("POST", tenant_at(tenant, "/suspend"), .token = bearer, .body = BECAUSE);
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("GET", "/v1/members", .token = inside);
	CU_ASSERT(http_is(&r, 403, "tenant_not_active")); /* T26 */
	r = HTTP("POST", tenant_at(tenant, "/suspend"), .token = bearer, .body = BECAUSE);
	CU_ASSERT(http_is(&r, 409, "conflict") && body_has(&r, "cannot suspend a tenant that is suspended"));
	r = HTTP("POST", tenant_at(tenant, "/reactivate"), .token = bearer, .body = BECAUSE);
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("GET", "/v1/members", .token = inside);
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("POST", tenant_at(tenant, "/close"), .token = bearer,
		.body = "{\"reason\":\"they left\",\"grace_days\":1}");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "status"), "closed");
	CU_ASSERT_STRING_NOT_EQUAL(http_text(&r, "reopen_until"), "");
	r = HTTP("GET", "/v1/members", .token = inside);
	CU_ASSERT(http_is(&r, 403, "tenant_not_active"));
	r = HTTP("POST", tenant_at(tenant, "/reopen"), .token = bearer, .body = BECAUSE);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "status"), "active");
	r = HTTP("POST", tenant_at(tenant, "/close"), .token = bearer,
		.body = "{\"reason\":\"for good\",\"grace_days\":0}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("POST", tenant_at(tenant, "/reopen"), .token = bearer, .body = BECAUSE);
	CU_ASSERT(http_is(&r, 409, "conflict") && body_has(&r, "could be reopened until"));
	CU_ASSERT_EQUAL(events_of(tenant, "tenant.closed"), 2);
	CU_ASSERT_EQUAL(events_of(tenant, "tenant.reopened"), 1);
}

static void every_change_demands_a_reason(void)
{
	const char *bearer = admin(), *tenant = active_tenant_of(someone("reason"));
	const char *const acts[] = { "/suspend", "/reactivate", "/close", "/reopen" };
	static const char *const bodies[] = { "{}", "{\"reason\":null}", "{\"reason\":\"\"}",
		"{\"reason\":\"  \"}", "{\"reason\":7}" };
	for (size_t i = 0; i < COUNT_OF(acts); i++)
		for (size_t j = 0; j < COUNT_OF(bodies); j++) {
			struct http_reply r =
				HTTP("POST", tenant_at(tenant, acts[i]), .token = bearer, .body = bodies[j]);
			CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "reason"));
		}
	struct http_reply r = HTTP("PATCH", tenant_at(tenant, ""), .token = bearer, .body = "{\"name\":\"New\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "reason"));
	r = HTTP("PATCH", tenant_at(tenant, ""), .token = bearer, .body = BECAUSE);
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.tenants WHERE id = '%s' AND status = 'active'", tenant), 1);
	r = HTTP("PATCH", tenant_at(tenant, ""), .token = bearer,
		.body = "{\"name\":\"New name\",\"reason\":\"they are called so now\"}");
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "New name"));
}

static void tenants_and_users_are_found_in_pages(void)
{
	const char *bearer = admin(), *mark = someone("zz"), *owner = someone("zz");
	const char *user = user_named(owner);
	for (int i = 0; i < 5; i++) {
		struct http_reply r = HTTP("POST", "/v1/admin/tenants", .token = bearer,
			.body = text_of(
				"{\"name\":\"%s!\",\"owner_email\":\"%s@example.com\",\"reason\":\"x\"}", mark, owner));
		CU_ASSERT(http_is(&r, 201, ""));
	}
	size_t found = 0, pages = 0;
	const char *target = text_of("/v1/admin/tenants?limit=2&status=onboarding&q=%s!", mark);
	for (; target && pages < 9; pages++) {
		struct http_reply r = HTTP("GET", target, .token = bearer);
		CU_ASSERT(http_is(&r, 200, ""));
		found += json_count(r.json);
		target = next_of(&r);
	}
	CU_ASSERT_EQUAL(found, 5);
	CU_ASSERT_EQUAL(pages, 3);
	struct http_reply r = HTTP("GET", text_of("/v1/admin/users?q=%s@", owner), .token = bearer);
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1);
	CU_ASSERT_EQUAL(json_count(json_get(json_at(r.json, 0, NULL), STR("memberships"))), 5);
	r = HTTP("GET", text_of("/v1/admin/users?q=%s", user), .token = bearer);
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1);
	r = HTTP("GET", "/v1/admin/users?system_admin=true&limit=1000", .token = bearer);
	CU_ASSERT(http_is(&r, 200, "") &&
		(int64_t)json_count(r.json) == ask_number("SELECT count(*) FROM tenantd.users WHERE system_admin"));
	/* A cursor of one administrator is not another's. */
	r = HTTP("GET", "/v1/admin/tenants?limit=1", .token = bearer);
	CU_ASSERT_PTR_NOT_NULL_FATAL(next_of(&r));
	r = HTTP("GET", next_of(&r), .token = admin());
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
}

/* ---- who is none */

/* T66, T58 */
static void an_administrator_is_a_stranger_inside_and_an_owner_is_none_outside(void)
{
	const char *name = someone("root"), *owner = someone("none"), *tenant = active_tenant_of(owner);
	admin_named(name);
	static const char *const inside[] = { "/v1/tenant", "/v1/members", "/v1/audit", "/v1/onboarding",
		"/v1/resources" };
	for (size_t i = 0; i < COUNT_OF(inside); i++) {
		struct http_reply r = HTTP("GET", inside[i], .token = token(name, tenant, "dev"));
		CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	}
	struct http_reply r =
		HTTP("POST", tenant_at(tenant, "/suspend"), .token = token(owner, tenant, "dev"), .body = BECAUSE);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	CU_ASSERT_EQUAL(events_of(tenant, "access.refused"), 1);
	r = HTTP("GET", tenant_at(tenant, ""), .token = token(name, NULL, "prod"));
	CU_ASSERT(http_is(&r, 404, "not_found")); /* T19: in another env it is not there */
	r = HTTP("GET", tenant_at("no-uuid", ""), .token = token(name, NULL, "dev"));
	CU_ASSERT(http_is(&r, 404, "not_found"));
}

/* T18 */
static void a_revoked_administrator_is_refused_whatever_the_token_says(void)
{
	const char *name = someone("was"), *bearer = admin_named(name),
			   *tenant = active_tenant_of(someone("was"));
	struct http_reply r = HTTP("GET", tenant_at(tenant, "/audit"), .token = bearer);
	CU_ASSERT(http_is(&r, 200, ""));
	sql("UPDATE tenantd.users SET system_admin = false WHERE subject = '%s'", name);
	r = HTTP("GET", tenant_at(tenant, "/audit"), .token = bearer);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = HTTP("POST", tenant_at(tenant, "/suspend"), .token = bearer, .body = BECAUSE);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	CU_ASSERT_EQUAL(events_of(tenant, "tenant.suspended"), 0);
}

/* ---- members */

static int64_t number_in(const struct http_reply *r, const char *of, const char *name)
{
	int64_t number = -1;
	CU_ASSERT(json_int64(json_get(json_get(r->json, str_c(of)), str_c(name)), &number));
	return number;
}

static void numbers_of_the_env_are_told(void)
{
	const char *bearer = admin(), *tenant = active_tenant_of(someone("number"));
	struct http_reply before = HTTP("GET", "/v1/admin/activity", .token = bearer);
	CU_ASSERT(
		http_is(&before, 200, "") && body_has(&before, "\"signups\"") && body_has(&before, "\"refusals\""));
	struct http_reply r = HTTP("POST", tenant_at(tenant, "/suspend"), .token = bearer, .body = BECAUSE);
	(void)active_tenant_in("prod", someone("elsewhere"));
	r = HTTP("GET", "/v1/admin/activity?days=7", .token = bearer);
	CU_ASSERT_EQUAL(number_in(&r, "tenants", "active"), number_in(&before, "tenants", "active") - 1);
	CU_ASSERT_EQUAL(number_in(&r, "tenants", "suspended"), number_in(&before, "tenants", "suspended") + 1);
	int64_t came = ask_number(
		"SELECT count(*) FROM tenantd.system_events WHERE action = 'user.created' AND env = 'dev'");
	CU_ASSERT(came > 0);
	CU_ASSERT(body_has(&r, text_of("\"count\":%lld", (long long)came)));
}

static void a_role_is_given_and_a_member_is_moved(void)
{
	const char *bearer = admin(), *owner = someone("from"), *name = someone("moved");
	const char *from = active_tenant_of(owner), *to = active_tenant_of(someone("to")),
			   *user = user_named(name);
	const char *at = tenant_at(from, text_of("/members/%s", user));
	struct http_reply r =
		HTTP("PUT", at, .token = bearer, .body = "{\"role\":\"admin\",\"reason\":\"because\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(member_in(from, user), "tenant_admin active");
	r = HTTP("GET", "/v1/members", .token = token(name, from, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("GET", tenant_at(from, "/members?role=admin"), .token = bearer);
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1 && body_has(&r, user));
	r = move(bearer, user, from, to, "member");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(member_in(from, user), "tenant_admin removed");
	CU_ASSERT_STRING_EQUAL(member_in(to, user), "member active");
	CU_ASSERT_EQUAL(events_of(from, "member.removed"), 1);
	CU_ASSERT_EQUAL(events_of(to, "member.joined"), 2);
	r = HTTP("GET", "/v1/members", .token = token(name, from, "dev"));
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	r = move(bearer, user, from, to, "member");
	CU_ASSERT(http_is(&r, 409, "conflict"));
	/* T65 */
	const char *last = ask("SELECT id FROM tenantd.users WHERE subject = '%s'", owner);
	r = move(bearer, last, from, to, "owner");
	CU_ASSERT(http_is(&r, 409, "last_owner"));
	CU_ASSERT_STRING_EQUAL(member_in(from, last), "owner active");
	CU_ASSERT_STRING_EQUAL(member_in(to, last), "");
	r = HTTP("PUT", tenant_at(from, text_of("/members/%s", last)), .token = bearer,
		.body = "{\"role\":\"member\",\"reason\":\"because\"}");
	CU_ASSERT(http_is(&r, 409, "last_owner"));
}

struct race {
	const char *bearer, *user[2], *tenant[2];
	int statuses[2];
};

/* Both owners are moved out of the first tenant; or one user there and back. */
static void move_each(size_t number, void *given)
{
	struct race *race = given;
	race->statuses[number] =
		move(race->bearer, race->user[number], race->tenant[0], race->tenant[1], "member").status;
}

static void move_across(size_t number, void *given)
{
	struct race *race = given;
	race->statuses[number] =
		move(race->bearer, race->user[number], race->tenant[number], race->tenant[1 - number], "member")
			.status;
}

/* T65, T69 */
static void two_owners_who_are_moved_at_once_leave_one(void)
{
	struct race race = { .bearer = admin() };
	int fair = 0;
	race.tenant[0] = active_tenant_of(someone("race"));
	race.tenant[1] = active_tenant_of(someone("race"));
	race.user[0] = ask("SELECT user_id FROM tenantd.tenant_members WHERE tenant_id = '%s'", race.tenant[0]);
	race.user[1] = member_of(race.tenant[0], someone("race"), "owner", "active");
	for (int round = 0; round < ROUNDS; round++) {
		sql("UPDATE tenantd.tenant_members SET role = 'owner', status = 'active' WHERE tenant_id = '%s'",
			race.tenant[0]);
		in_parallel(2, move_each, &race);
		int64_t left = ask_number("SELECT count(*) FROM tenantd.tenant_members WHERE tenant_id = '%s'"
								  " AND role = 'owner' AND status = 'active'",
			race.tenant[0]);
		fair += left == 1 && race.statuses[0] + race.statuses[1] == 200 + 409;
	}
	CU_ASSERT_EQUAL(fair, ROUNDS);
}

/* T74: two moves in opposite directions do not wait for each other without end. */
static void moves_in_opposite_directions_both_succeed(void)
{
	struct race race = { .bearer = admin() };
	int fair = 0;
	for (int i = 0; i < 2; i++) {
		race.tenant[i] = active_tenant_of(someone("cross"));
		race.user[i] = member_of(race.tenant[i], someone("cross"), "member", "active");
	}
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < 2; i++)
			sql("UPDATE tenantd.tenant_members SET status = CASE WHEN tenant_id = '%s' THEN 'active' ELSE 'removed'"
				" END::tenantd.member_status WHERE user_id = '%s'",
				race.tenant[i], race.user[i]);
		in_parallel(2, move_across, &race);
		fair += race.statuses[0] == 200 && race.statuses[1] == 200;
	}
	CU_ASSERT_EQUAL(fair, ROUNDS);
}

/* ---- onboarding */

static void a_step_is_remembered_once_and_decides_nothing(void)
{
	const char *owner = someone("step"), *tenant = tenant_of(owner), *bearer = token(owner, tenant, "dev");
	for (int i = 0; i < 2; i++) {
		struct http_reply r = HTTP("PUT", "/onboarding/steps/profile", .token = bearer);
		CU_ASSERT(http_is(&r, 204, ""));
	}
	CU_ASSERT_EQUAL(events_of(tenant, "onboarding_step.created"), 1);
	struct http_reply r = HTTP("GET", "/v1/onboarding", .token = bearer);
	CU_ASSERT(http_is(&r, 200, "") && json_count(json_get(r.json, STR("steps"))) == 1);
	CU_ASSERT_STRING_EQUAL(http_text(&r, "status"), "onboarding");
	r = HTTP("PUT", "/v1/onboarding/steps/Not%20a%20step", .token = bearer);
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	sql("INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by)"
		" SELECT '%s', 'dev', 's' || n, gen_random_uuid() FROM generate_series(1, 99) n",
		tenant);
	r = HTTP("PUT", "/v1/onboarding/steps/one_more", .token = bearer);
	CU_ASSERT(http_is(&r, 409, "conflict"));
	r = HTTP("PUT", "/v1/onboarding/steps/profile", .token = bearer);
	CU_ASSERT(http_is(&r, 204, ""));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_tenant_is_made_with_an_owner_who_works_in_it),
		TEST(an_owner_whom_nobody_knows_gets_an_account),
		TEST(a_tenant_is_suspended_closed_and_brought_back),
		TEST(every_change_demands_a_reason),
		TEST(tenants_and_users_are_found_in_pages),
		TEST(an_administrator_is_a_stranger_inside_and_an_owner_is_none_outside),
		TEST(a_revoked_administrator_is_refused_whatever_the_token_says),
		TEST(numbers_of_the_env_are_told),
		TEST(a_role_is_given_and_a_member_is_moved),
		TEST(two_owners_who_are_moved_at_once_leave_one),
		TEST(moves_in_opposite_directions_both_succeed),
		TEST(a_step_is_remembered_once_and_decides_nothing),
	};
	stack_up();
	return unit_main("admin", tests, COUNT_OF(tests));
}
