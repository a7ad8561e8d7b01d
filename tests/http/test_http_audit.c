/*
 * The audit log: the rows that changes and refusals leave, how they are read, and that a change is not made when its row
 * cannot be written. Also onboarding, which makes several changes at once.
 */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

static struct http_reply list(const char *bearer, const char *query)
{
	return HTTP("GET", text_of("/v1/audit%s", query), .token = bearer);
}

/* The string of the i-th row. */
static const char *row_text(const struct http_reply *r, size_t i, const char *name)
{
	struct str text;
	return json_string(json_get(json_at(r->json, i, NULL), str_c(name)), &text)
		? arena_cstr(http_arena(), text)
		: "";
}

static const char *user_of(const char *subject)
{
	return ask("SELECT id FROM tenantd.users WHERE subject = '%s'", subject);
}

static void an_act_leaves_who_what_where_and_which_trace(void)
{
	const char *owner = someone("act"), *tenant = tenant_of(owner), *bearer = token(owner, tenant, "dev");
	const char *member = member_of(tenant, someone("act"), "member", "active");
	struct http_reply r = HTTP("PATCH", text_of("/v1/members/%s", member), .token = bearer,
		.body = "{\"role\":\"tenant_admin\"}",
		.headers = { "traceparent: 00-aaaabbbbccccddddaaaabbbbccccdddd-0123456789abcdef-01" });
	CU_ASSERT(http_is(&r, 200, ""));
	r = list(bearer, "?limit=1");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "action"), "member.role_changed");
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "actor_kind"), "user");
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "actor_id"), user_of(owner));
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "object_type"), "member");
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "object_id"), member);
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "route"), "/v1/members/{user_id}");
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "trace_id"), "aaaabbbbccccddddaaaabbbbccccdddd");
	CU_ASSERT_PTR_NOT_NULL(strstr(r.body.at, "\"fields\":[\"role\"]"));
}

static void names_of_fields_are_kept_and_never_their_values(void)
{
	const char *owner = someone("fields"), *tenant = tenant_of(owner), *bearer = token(owner, tenant, "dev");
	struct http_reply r = HTTP("PATCH", "/v1/tenant", .token = bearer,
		.body = "{\"legal_name\":\"Hidden Words "
				"Ltd\",\"contact_email\":\"hidden@example.com\",\"country\":\"DE\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = list(bearer, "?action=tenant.updated");
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.body.at, "[\"contact_email\",\"country\",\"legal_name\"]"));
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.audit_events e WHERE e::text ILIKE '%%hidden%%'"), 0);
	/* What changes nothing is no event. */
	r = HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"country\":\"DE\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = list(bearer, "?action=tenant.updated");
	CU_ASSERT_EQUAL(json_count(r.json), 1);
}

static void the_log_is_filtered_and_walked_newest_first(void)
{
	const char *owner = someone("filter"), *tenant = tenant_of(owner), *bearer = token(owner, tenant, "dev");
	const char *admin = someone("filter"), *admin_id = member_of(tenant, admin, "tenant_admin", "active");
	struct http_reply r;
	for (int i = 0; i < 6; i++) {
		r = HTTP("PATCH", "/v1/tenant", .token = token(i % 2 ? admin : owner, tenant, "dev"),
			.body = text_of("{\"name\":\"name %d\"}", i));
		CU_ASSERT(http_is(&r, 200, ""));
	}
	static const struct {
		const char *query;
		size_t rows;
	} cases[] = {
		{ "?action=tenant.updated", 6 },
		{ "?action=tenant.created", 1 },
		{ "?action=nothing.happened", 0 },
		{ "?object=tenant", 7 },
		{ "?object=member", 2 },
		{ "?since=2020-01-01T00:00:00Z", 9 },
		{ "?since=2990-01-01T00:00:00Z", 0 },
		{ "?until=2020-01-01T00:00:00Z", 0 },
		{ "?until=2990-01-01T00:00:00Z&object=member", 2 },
		{ "", 9 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		r = list(bearer, cases[i].query);
		CU_ASSERT(http_is(&r, 200, ""));
		if (json_count(r.json) != cases[i].rows)
			fprintf(stderr, "  %s: %zu rows\n", cases[i].query, json_count(r.json));
		CU_ASSERT_EQUAL(json_count(r.json), cases[i].rows);
	}
	r = list(bearer, text_of("?actor=%s", admin_id));
	CU_ASSERT_EQUAL(json_count(r.json), 3);
	r = list(bearer, text_of("?object=%s", admin_id));
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	/* Page by page, it is the same list. */
	struct http_reply whole = list(bearer, "");
	const char *target = "/v1/audit?limit=2", *before = "9999";
	size_t n = 0;
	while (target && n < 20) {
		r = HTTP("GET", target, .token = bearer);
		for (size_t i = 0; i < json_count(r.json); i++, n++) {
			CU_ASSERT_STRING_EQUAL(row_text(&r, i, "id"), row_text(&whole, n, "id"));
			CU_ASSERT(strcmp(row_text(&r, i, "at"), before) <= 0);
			before = row_text(&r, i, "at");
		}
		target = next_of(&r);
	}
	CU_ASSERT_EQUAL(n, 9);
}

static void the_log_of_one_tenant_shows_nothing_of_another(void)
{
	const char *owner = someone("own"), *tenant = tenant_of(owner), *other = tenant_of(someone("own"));
	struct http_reply r = list(token(owner, tenant, "dev"), "?limit=1000");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_EQUAL((int64_t)json_count(r.json),
		ask_number("SELECT count(*) FROM tenantd.audit_events WHERE tenant_id = '%s'", tenant));
	CU_ASSERT_PTR_NULL(strstr(r.body.at, other));
	r = list(token(owner, tenant, "dev"), text_of("?object=%s", other));
	CU_ASSERT_EQUAL(json_count(r.json), 0);
}

static void a_refusal_is_seen_by_the_admins_of_the_tenant(void)
{
	const char *owner = someone("refused"), *tenant = tenant_of(owner), *member = someone("refused");
	const char *member_id = member_of(tenant, member, "member", "active"), *stranger = someone("refused");
	struct http_reply r = list(token(member, tenant, "dev"), "");
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	const char *trace = http_text(&r, "trace_id");
	r = HTTP("GET", "/v1/tenant", .token = token(stranger, tenant, "dev"));
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	const char *strangers_trace = http_text(&r, "trace_id");
	r = list(token(owner, tenant, "dev"), "?action=access.refused");
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "actor_id"), member_id);
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "code"), "forbidden");
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "route"), "/v1/audit");
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "trace_id"), trace);
	/* The stranger's is the system's affair, with whom and which tenant was tried. */
	CU_ASSERT_STRING_EQUAL(
		ask("SELECT actor_label || ' ' || object_id || ' ' || code FROM tenantd.system_events"
			" WHERE trace_id = '%s'",
			strangers_trace),
		text_of(ISS_MAIN " %s %s tenant_not_found", stranger, tenant));
}

/* T114 */
static void an_act_whose_row_cannot_be_written_does_not_happen(void)
{
	const char *owner = someone("fail"), *tenant = tenant_of(owner), *bearer = token(owner, tenant, "dev");
	const char *newcomer = someone("fail"), *member = someone("fail");
	const char *member_id = member_of(tenant, member, "member", "active");
	const char *before = ask("SELECT t::text FROM tenantd.tenants t WHERE id = '%s'", tenant);
	sql("ALTER TABLE tenantd.audit_events ADD CONSTRAINT full_disk CHECK (false) NOT VALID");
	const struct http_reply failed[] = {
		HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"name\":\"unheard of\"}"),
		HTTP("POST", "/v1/onboarding/complete", .token = bearer, .body = "{\"organization_name\":\"X\"}"),
		HTTP("PATCH", text_of("/v1/members/%s", member_id), .token = bearer, .body = "{\"role\":\"owner\"}"),
		HTTP("DELETE", text_of("/v1/members/%s", member_id), .token = bearer),
		HTTP("POST", "/v1/auth/bootstrap", .token = token(newcomer, NULL, "dev")),
	};
	stack_log_mark();
	struct http_reply refused = list(token(member, tenant, "dev"), "");
	sql("ALTER TABLE tenantd.audit_events DROP CONSTRAINT full_disk");
	for (size_t i = 0; i < COUNT_OF(failed); i++) {
		CU_ASSERT(http_is(&failed[i], 500, "internal"));
	}
	CU_ASSERT_STRING_EQUAL(ask("SELECT t::text FROM tenantd.tenants t WHERE id = '%s'", tenant), before);
	CU_ASSERT_STRING_EQUAL(
		ask("SELECT role || ' ' || status FROM tenantd.tenant_members WHERE user_id = '%s'", member_id),
		"member active");
	CU_ASSERT_STRING_EQUAL(user_of(newcomer), "");
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.onboarding_progress WHERE tenant_id = '%s'", tenant), 0);
	/* A refusal stands without its row, and the log says so. */
	CU_ASSERT(http_is(&refused, 403, "forbidden"));
	CU_ASSERT_EQUAL(stack_log("audit.lost", http_text(&refused, "trace_id")), 1);
	struct http_reply r = HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"name\":\"heard of\"}");
	CU_ASSERT(http_is(&r, 200, ""));
}

/* ---- onboarding ---- */

static void onboarding_needs_a_name_and_makes_the_tenant_active(void)
{
	const char *owner = someone("onboarding"), *tenant = tenant_of(owner),
			   *bearer = token(owner, tenant, "dev");
	struct http_reply r = HTTP("GET", "/v1/onboarding", .token = bearer);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "status"), "onboarding");
	CU_ASSERT_EQUAL(json_kind(json_get(r.json, STR("organization_name"))), JSON_NULL);
	CU_ASSERT_EQUAL(json_count(json_get(r.json, STR("steps"))), 0);
	static const char *const refused[] = { "{}", "{\"legal_name\":\"x\"}", "{\"organization_name\":null}",
		"{\"organization_name\":\"\"}", "{\"organization_name\":\"x\",\"status\":\"active\"}",
		"{\"organization_name\":\"x\",\"country\":\"DEU\"}", "{\"organization_name\":\"x\",\"name\":\"y\"}" };
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		r = HTTP("POST", "/v1/onboarding/complete", .token = bearer, .body = refused[i]);
		CU_ASSERT(http_is(&r, 400, "invalid_request"));
	}
	r = HTTP("POST", "/v1/onboarding/complete", .token = bearer,
		.body = "{\"organization_name\":\" An Organization \",\"legal_name\":\"An Organization Ltd\","
				"\"postal_address\":\"1 "
				"Street\\nTown\",\"contact_email\":\"mail@example.com\",\"country\":\"NL\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "status"), "active");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "organization_name"), "An Organization");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "name"), "An Organization");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "postal_address"), "1 Street\nTown");
	CU_ASSERT_STRING_EQUAL(http_text(&r, "country"), "NL");
	r = HTTP("GET", "/v1/onboarding", .token = bearer);
	CU_ASSERT_EQUAL(json_count(json_get(r.json, STR("steps"))), 1);
	r = list(bearer, "?action=tenant.onboarded");
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	r = HTTP("POST", "/v1/onboarding/complete", .token = bearer, .body = "{\"organization_name\":\"Again\"}");
	CU_ASSERT(http_is(&r, 409, "conflict"));
	CU_ASSERT_STRING_EQUAL(
		ask("SELECT organization_name FROM tenantd.tenants WHERE id = '%s'", tenant), "An Organization");
}

static struct http_reply access_at(const char *bearer, const char *more)
{
	return HTTP("GET", text_of("/v1/audit/access%s", more), .token = bearer);
}

/* The present moment of the database, for a query. */
static const char *this_moment(void)
{
	return ask("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
}

static void access_is_told_of_any_time(void)
{
	const char *owner = someone("then"), *before = this_moment(), *tenant = tenant_of(owner);
	const char *bearer = token(owner, tenant, "dev"),
			   *member = member_of(tenant, someone("then"), "member", "active");
	const char *joined = this_moment();
	struct http_reply r = HTTP(
		"PATCH", text_of("/v1/members/%s", member), .token = bearer, .body = "{\"role\":\"tenant_admin\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("POST", "/v1/onboarding/complete", .token = bearer, .body = "{\"organization_name\":\"Then\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	const char *promoted = this_moment();
	r = HTTP("DELETE", text_of("/v1/members/%s", member), .token = bearer);
	CU_ASSERT(http_is(&r, 204, ""));

	r = access_at(bearer, text_of("?at=%s", before));
	CU_ASSERT(http_is(&r, 200, "") && body_is(&r, "[]"));
	r = access_at(bearer, text_of("?at=%s", joined));
	CU_ASSERT_EQUAL(json_count(r.json), 2);
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "user_id"), user_of(owner));
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "role"), "owner");
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "tenant_status"), "onboarding");
	CU_ASSERT_STRING_EQUAL(row_text(&r, 1, "user_id"), member);
	CU_ASSERT_STRING_EQUAL(row_text(&r, 1, "role"), "member");
	CU_ASSERT_STRING_EQUAL(row_text(&r, 1, "status"), "active");
	r = access_at(bearer, text_of("?at=%s", promoted));
	CU_ASSERT_EQUAL(json_count(r.json), 2);
	CU_ASSERT_STRING_EQUAL(row_text(&r, 1, "role"), "tenant_admin");
	CU_ASSERT_STRING_EQUAL(row_text(&r, 1, "tenant_status"), "active");
	static const char *const todays[] = { "", "?at=2099-01-01T00:00:00Z" };
	for (size_t i = 0; i < COUNT_OF(todays); i++) {
		r = access_at(bearer, todays[i]);
		CU_ASSERT_EQUAL(json_count(r.json), 1);
		CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "role"), "owner");
	}
	/* In pages. */
	r = access_at(bearer, text_of("?at=%s&limit=1", promoted));
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "user_id"), user_of(owner));
	CU_ASSERT_PTR_NOT_NULL_FATAL(next_of(&r));
	r = HTTP("GET", next_of(&r), .token = bearer);
	CU_ASSERT_EQUAL(json_count(r.json), 1);
	CU_ASSERT_STRING_EQUAL(row_text(&r, 0, "user_id"), member);
	CU_ASSERT_PTR_NULL(next_of(&r));
	r = access_at(bearer, "?at=yesterday");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "at"));
}

/* CTX 5: the progress rows decide nothing. */
static void activity_is_counted_by_day_and_object(void)
{
	struct two_tenants w = two_tenants();
	const char *member = member_of(w.tenant, someone("active"), "member", "active");
	for (int i = 0; i < 3; i++)
		(void)HTTP("PATCH", text_of("/v1/members/%s", member), .token = w.token,
			.body = i % 2 ? "{\"role\":\"member\"}" : "{\"role\":\"tenant_admin\"}");
	const char *today = ask("SELECT (now() AT TIME ZONE 'UTC')::date");
	struct http_reply r = HTTP("GET", "/v1/audit/activity", .token = w.token);
	CU_ASSERT(http_is(&r, 200, ""));
	int64_t counted = ask_number(
		"SELECT count(*) FROM tenantd.audit_events WHERE tenant_id = '%s' AND object_type = 'member'",
		w.tenant);
	CU_ASSERT(counted >= 4);
	CU_ASSERT(body_has(&r,
		text_of("{\"day\":\"%s\",\"object_type\":\"member\",\"count\":%lld}", today, (long long)counted)));
	/* Days are those of UTC, and today is one of them. */
	sql("ALTER TABLE tenantd.audit_events DISABLE TRIGGER USER; UPDATE tenantd.audit_events SET at = (date_trunc('day', now() AT TIME ZONE 'UTC') - interval '1 second')"
		" AT TIME ZONE 'UTC' WHERE tenant_id = '%s' AND object_type = 'member'; ALTER TABLE tenantd.audit_events ENABLE TRIGGER USER",
		w.tenant);
	r = HTTP("GET", "/v1/audit/activity?days=1", .token = w.token);
	CU_ASSERT(http_is(&r, 200, "") && !body_has(&r, "\"member\""));
	r = HTTP("GET", "/v1/audit/activity?days=2", .token = w.token);
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "\"member\""));
	r = HTTP("GET", "/v1/audit/activity?days=91", .token = w.token);
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	http_forget();
}

static void progress_is_for_the_eyes_alone(void)
{
	const char *owner = someone("progress"), *tenant = tenant_of(owner),
			   *bearer = token(owner, tenant, "dev");
	sql("INSERT INTO tenantd.onboarding_progress (tenant_id, env, step, completed_by) VALUES ('%s', 'dev', "
		"'organization', '%s')",
		tenant, user_of(owner));
	struct http_reply r = HTTP("GET", "/v1/tenant", .token = bearer);
	CU_ASSERT_STRING_EQUAL(http_text(&r, "status"), "onboarding");
	r = HTTP("POST", "/v1/onboarding/complete", .token = bearer, .body = "{\"organization_name\":\"P\"}");
	CU_ASSERT(http_is(&r, 200, ""));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(an_act_leaves_who_what_where_and_which_trace),
		TEST(names_of_fields_are_kept_and_never_their_values),
		TEST(the_log_is_filtered_and_walked_newest_first),
		TEST(the_log_of_one_tenant_shows_nothing_of_another),
		TEST(a_refusal_is_seen_by_the_admins_of_the_tenant),
		TEST(an_act_whose_row_cannot_be_written_does_not_happen),
		TEST(onboarding_needs_a_name_and_makes_the_tenant_active),
		TEST(access_is_told_of_any_time),
		TEST(activity_is_counted_by_day_and_object),
		TEST(progress_is_for_the_eyes_alone),
	};
	stack_up();
	return unit_main("audit", tests, COUNT_OF(tests));
}
