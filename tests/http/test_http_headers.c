/*
 * Which tenant and environment a request is for. The token decides, and headers and host may only agree with it. What a
 * header alone can do depends on header_fallback, and each setting is tested. Settings are changed by SIGHUP, as on a
 * real host.
 */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#define NOBODYS "99999999-9999-4999-8999-999999999999"

static struct http_reply tenant_with(const char *bearer, const char *header)
{
	return HTTP("GET", "/v1/tenant", .token = bearer, .headers = { header });
}

static const char *line(const char *name, const char *value)
{
	return text_of("%s: %s", name, value);
}

/* How many refusals of this code are written. */
static int64_t refusals(const char *where, const char *code)
{
	return ask_number(
		"SELECT coalesce(sum(count), 0) FROM tenantd.%s WHERE action = 'access.refused' AND code = '%s'",
		where, code);
}

/* ---- env ---- */

static void env_is_taken_in_every_spelling(void)
{
	static const struct {
		const char *said, *is;
	} cases[] = {
		{ "dev", "dev" },
		{ "DEV", "dev" },
		{ "  Dev ", "dev" },
		{ "development", "dev" },
		{ "Development", "dev" },
		{ "staging", "staging" },
		{ "stage", "staging" },
		{ "STAGE", "staging" },
		{ "prod", "prod" },
		{ "Production", "prod" },
		{ "\tproduction\t", "prod" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct http_reply r =
			HTTP("GET", "/v1/auth/me", .token = token("speller", NULL, NULL), .env = cases[i].said);
		CU_ASSERT(http_is(&r, 200, ""));
		CU_ASSERT_STRING_EQUAL(http_text(&r, "env"), cases[i].is);
		if (strchr(cases[i].said, '\t'))
			continue;
		r = HTTP("GET", "/v1/auth/me", .token = token("speller", NULL, cases[i].said));
		CU_ASSERT(http_is(&r, 200, ""));
		CU_ASSERT_STRING_EQUAL(http_text(&r, "env"), cases[i].is);
		r = HTTP("GET", "/v1/auth/me", .token = token("speller", NULL, cases[i].is), .env = cases[i].said);
		CU_ASSERT(http_is(&r, 200, ""));
	}
}

/* T19, T29 */
static void env_that_is_missing_unknown_or_contradicted_is_400(void)
{
	const char *who = someone("env");
	struct http_reply r = HTTP("GET", "/v1/auth/me", .token = token(who, NULL, NULL));
	CU_ASSERT(http_is(&r, 400, "env_required"));
	r = HTTP("GET", "/v1/auth/me", .token = token(who, NULL, NULL), .env = "");
	CU_ASSERT(http_is(&r, 400, "env_required"));
	static const char *const unknown[] = { "test", "de v", "dev;prod", "devel", "productio", "0" };
	for (size_t i = 0; i < COUNT_OF(unknown); i++) {
		int64_t before = refusals("system_events", "env_not_allowed");
		r = HTTP("GET", "/v1/auth/me", .token = token(who, NULL, NULL), .env = unknown[i]);
		CU_ASSERT(http_is(&r, 400, "env_not_allowed"));
		r = HTTP("GET", "/v1/auth/me", .token = token(who, NULL, unknown[i]));
		CU_ASSERT(http_is(&r, 400, "env_not_allowed"));
		CU_ASSERT_EQUAL(refusals("system_events", "env_not_allowed"), before + 2);
	}
	r = HTTP("GET", "/v1/auth/me", .token = token(who, NULL, "dev"), .env = "prod");
	CU_ASSERT(http_is(&r, 400, "env_mismatch"));
	CU_ASSERT_EQUAL(refusals("system_events", "env_mismatch"), 1);
	r = HTTP(
		"GET", "/v1/auth/me", .token = token(who, NULL, "dev"), .headers = { "X-Env: dev", "X-Env: dev" });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("GET", "/v1/auth/me", .token = token(who, NULL, "dev"), .headers = { "X_Env: prod" });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
}

static void env_that_this_server_does_not_serve_is_400(void)
{
	const char *who = someone("env");
	stack_set("tenancy", "allowed_envs", "dev, staging");
	stack_reload();
	struct http_reply r = HTTP("GET", "/v1/auth/me", .token = token(who, NULL, "prod"));
	CU_ASSERT(http_is(&r, 400, "env_not_allowed"));
	r = HTTP("GET", "/v1/auth/me", .token = token(who, NULL, "staging"));
	CU_ASSERT(http_is(&r, 200, ""));
	stack_set("tenancy", "allowed_envs", "dev, staging, prod");
	stack_reload();
	r = HTTP("GET", "/v1/auth/me", .token = token(who, NULL, "prod"));
	CU_ASSERT(http_is(&r, 200, ""));
}

/* ---- tenant ---- */

static int64_t mismatches_in(const char *tenant)
{
	return ask_number(
		"SELECT coalesce(sum(count), 0) FROM tenantd.audit_events WHERE tenant_id = '%s' AND code = 'tenant_mismatch'",
		tenant);
}

/* T21 */
static void header_beside_the_claim_must_agree(void)
{
	const char *who = someone("agree"), *tenant = tenant_of(who), *other = tenant_of(someone("agree"));
	const char *bearer = token(who, tenant, "dev");
	struct http_reply r = HTTP("GET", "/v1/tenant", .token = bearer, .tenant = tenant);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_PTR_NULL(http_header(&r, "Deprecation")); /* off: nothing is deprecated about agreeing */
	const char *wrong[] = { other, NOBODYS };
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		const struct http_reply replies[] = {
			HTTP("GET", "/v1/tenant", .token = bearer, .tenant = wrong[i]),
			HTTP("POST", "/v1/auth/bootstrap", .token = bearer, .tenant = wrong[i]),
			HTTP("GET", "/v1/auth/me", .token = bearer, .tenant = wrong[i]),
		};
		for (size_t j = 0; j < COUNT_OF(replies); j++) {
			CU_ASSERT(http_is(&replies[j], 400, "tenant_mismatch"));
		}
	}
	/* In the tenant of the token, not in the one that the header named. */
	CU_ASSERT_EQUAL(mismatches_in(tenant), 6);
	CU_ASSERT_EQUAL(mismatches_in(other), 0);
}

/* T22, T23 */
static void a_header_in_two_or_in_disguise_is_400(void)
{
	const char *who = someone("twice"), *tenant = tenant_of(who), *bearer = token(who, tenant, "dev");
	struct http_reply r = HTTP(
		"GET", "/v1/tenant", .token = bearer, .tenant = tenant, .headers = { line("X-Tenant-ID", tenant) });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP(
		"GET", "/v1/tenant", .token = bearer, .tenant = tenant, .headers = { line("X-Tenant-ID", NOBODYS) });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	static const char *const disguises[] = { "X_Tenant_ID", "X_Tenant-ID", "X-Tenant_ID", "x_tenant_id",
		"X_Tenant_Slug", "X-Tenant_Slug", "X.Tenant.ID" };
	for (size_t i = 0; i < COUNT_OF(disguises); i++) {
		r = tenant_with(bearer, line(disguises[i], tenant));
		CU_ASSERT(http_is(&r, 400, NULL));
		r = HTTP("GET", "/v1/tenant", .token = bearer, .tenant = tenant,
			.headers = { line(disguises[i], NOBODYS) });
		CU_ASSERT(http_is(&r, 400, NULL));
	}
	static const char *const malformed[] = { "1", "null", "00000000-0000-0000-0000-00000000000g",
		"{11111111-1111-4111-8111-111111111111}", "11111111-1111-4111-8111-11111111111" };
	for (size_t i = 0; i < COUNT_OF(malformed); i++) {
		r = HTTP("GET", "/v1/tenant", .token = bearer, .tenant = malformed[i]);
		CU_ASSERT(http_is(&r, 400, "invalid_request"));
	}
}

/* T27, T31 */
static void slug_and_host_must_agree_too(void)
{
	const char *who = someone("slug"), *tenant = tenant_of(who), *bearer = token(who, tenant, "dev");
	const char *slug = ask("SELECT slug FROM tenantd.tenants WHERE id = '%s'", tenant);
	const char *shouted = ask("SELECT upper(slug) FROM tenantd.tenants WHERE id = '%s'", tenant);
	struct http_reply r = HTTP("GET", "/v1/tenant", .token = bearer, .slug = slug);
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("GET", "/v1/tenant", .token = bearer, .slug = shouted);
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("GET", "/v1/tenant", .token = bearer, .slug = "another");
	CU_ASSERT(http_is(&r, 400, "tenant_mismatch"));
	static const char *const refused[] = { "sl\xc3\xbcg", "a_b", "-a", "a-", "a.b" };
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		r = HTTP("GET", "/v1/tenant", .token = bearer, .slug = refused[i]);
		CU_ASSERT(http_is(&r, 400, "invalid_request"));
	}
	stack_set("tenancy", "base_domain", "example.com");
	stack_reload();
	r = tenant_with(bearer, text_of("Host: %s.example.com", slug));
	CU_ASSERT(http_is(&r, 200, ""));
	r = tenant_with(bearer, text_of("Host: %s.Example.COM:8000", slug));
	CU_ASSERT(http_is(&r, 200, ""));
	r = tenant_with(bearer, "Host: another.example.com");
	CU_ASSERT(http_is(&r, 400, "tenant_mismatch"));
	r = HTTP("GET", "/v1/tenant", .token = bearer, .slug = slug, .headers = { "Host: another.example.com" });
	CU_ASSERT(http_is(&r, 400, "tenant_mismatch"));
	r = tenant_with(bearer, "Host: example.com");
	CU_ASSERT(http_is(&r, 200, ""));
	r = tenant_with(token(who, NULL, "dev"), text_of("Host: %s.example.com", slug));
	CU_ASSERT(
		http_is(&r, 400, "tenant_required")); /* header_fallback is off, and the host is such a source */
	stack_set("tenancy", "base_domain", NULL);
	stack_reload();
}

/* T24 */
static void no_tenant_named_is_400_however_many_there_are(void)
{
	const char *who = someone("several"), *first = tenant_of(who), *bearer = token(who, NULL, "dev");
	struct http_reply r = HTTP("GET", "/v1/tenant", .token = bearer);
	CU_ASSERT(http_is(&r, 400, "tenant_required"));
	member_of(tenant_of(someone("several")), who, "member", "active");
	r = HTTP("GET", "/v1/tenant", .token = bearer);
	CU_ASSERT(http_is(&r, 400, "tenant_required"));
	r = HTTP("GET", "/v1/tenant", .token = bearer, .tenant = first);
	CU_ASSERT(http_is(&r, 400, "tenant_required"));
	r = HTTP("GET", "/v1/tenant?tenant_id=1", .token = token(who, first, "dev"));
	CU_ASSERT(http_is(&r, 400, "invalid_request")); /* T30: no other place names a tenant */
}

/* The body with the trace id blanked. */
static const char *without_trace(const struct http_reply *r)
{
	char *body = arena_cstr(http_arena(), r->body);
	char *at = strstr(body, http_text(r, "trace_id"));
	if (at && strlen(http_text(r, "trace_id")) == 32)
		memset(at, '-', 32);
	return body;
}

/* T25, T37: every way of not being there gives the same bytes. */
static void unknown_foreign_and_lost_tenants_look_the_same(void)
{
	const char *who = someone("same");
	tenant_of(who);
	const char *foreign = tenant_of(someone("same")), *removed = tenant_of(someone("same"));
	const char *rejected = tenant_of(someone("same"));
	member_of(removed, who, "tenant_admin", "removed");
	member_of(rejected, who, "member", "rejected");
	const char *named[] = { NOBODYS, foreign, removed, rejected };
	const char *member = "/v1/members/" NOBODYS;
	const char *const targets[] = { "/v1/tenant", "/v1/members", member, "/v1/onboarding", "/v1/audit" };
	for (size_t t = 0; t < COUNT_OF(targets); t++) {
		struct http_reply first = HTTP("GET", targets[t], .token = token(who, NOBODYS, "dev"));
		CU_ASSERT(http_is(&first, 404, "tenant_not_found"));
		for (size_t i = 0; i < COUNT_OF(named); i++) {
			struct http_reply r = HTTP("GET", targets[t], .token = token(who, named[i], "dev"));
			CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
			CU_ASSERT_STRING_EQUAL(without_trace(&r), without_trace(&first));
			CU_ASSERT_EQUAL(strlen(r.head), strlen(first.head));
		}
	}
}

/* T28, T32 */
static void headers_of_proxies_and_servers_are_not_believed(void)
{
	struct http_reply r = HTTP("GET", "/v1/auth/me", .env = "dev",
		.headers = { "Remote-User: admin", "X-Remote-User: admin", "X-Forwarded-User: admin" });
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	stack_log_mark();
	r = HTTP("GET", "/v1/auth/me", .token = token("proxied", NULL, "dev"),
		.headers = { "X-Forwarded-For: 10.1.2.3", "X-Real-IP: 10.1.2.3", "Forwarded: for=10.1.2.3" });
	CU_ASSERT(http_is(&r, 200, ""));
	UNTIL(SOON_S, stack_log("/v1/auth/me", "\"client\":\"127.0.0.1\""));
	CU_ASSERT_EQUAL(stack_log("10.1.2.3", NULL), 0);
	CU_ASSERT_EQUAL(stack_log("/v1/auth/me", "\"client\":\"127.0.0.1\""), 1);
	r = HTTP("GET", "/metrics", .headers = { "X-Forwarded-For: 127.0.0.1" });
	CU_ASSERT(http_is(&r, 200, ""));
}

/* ---- header_fallback ---- */

static void under_off_a_header_alone_is_400(void)
{
	const char *who = someone("off"), *tenant = tenant_of(who);
	struct http_reply r = HTTP("GET", "/v1/tenant", .token = token(who, NULL, "dev"), .tenant = tenant);
	CU_ASSERT(http_is(&r, 400, "tenant_required"));
	r = HTTP("GET", "/v1/tenant", .token = token(who, NULL, "dev"),
		.slug = ask("SELECT slug FROM tenantd.tenants WHERE id = '%s'", tenant));
	CU_ASSERT(http_is(&r, 400, "tenant_required"));
	r = HTTP("POST", "/v1/auth/bootstrap", .token = token(who, NULL, "dev"), .tenant = tenant);
	CU_ASSERT(http_is(&r, 400, "tenant_required"));
	CU_ASSERT_PTR_NULL(http_header(&r, "Deprecation"));
}

static void under_validate_a_header_alone_names_a_tenant_that_knows_the_caller(void)
{
	const char *who = someone("validate"), *tenant = tenant_of(who),
			   *foreign = tenant_of(someone("validate"));
	const char *slug = ask("SELECT slug FROM tenantd.tenants WHERE id = '%s'", tenant);
	const char *bearer = token(who, NULL, "dev");
	stack_set("tenancy", "header_fallback", "validate");
	stack_reload();
	int64_t alone = http_metric("tenantd_header_fallback_total{use=\"alone\"}");
	struct http_reply r = HTTP("GET", "/v1/tenant", .token = bearer, .tenant = tenant);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "id"), tenant);
	CU_ASSERT_PTR_NULL(http_header(&r, "Deprecation"));
	r = HTTP("GET", "/v1/tenant", .token = bearer, .slug = slug);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "id"), tenant);
	r = HTTP("GET", "/v1/tenant", .token = bearer, .tenant = tenant, .slug = slug);
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("GET", "/v1/tenant", .token = bearer, .tenant = tenant, .slug = "another");
	CU_ASSERT(http_is(&r, 400, "tenant_mismatch"));
	int64_t before = refusals("system_events", "tenant_not_found");
	r = HTTP("GET", "/v1/tenant", .token = bearer, .tenant = foreign);
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	CU_ASSERT_EQUAL(refusals("system_events", "tenant_not_found"), before + 1);
	r = HTTP("GET", "/v1/tenant", .token = bearer, .slug = "nobodys");
	CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
	r = HTTP("GET", "/v1/tenant", .token = bearer);
	CU_ASSERT(http_is(&r, 400, "tenant_required"));
	CU_ASSERT_EQUAL(http_metric("tenantd_header_fallback_total{use=\"alone\"}"), alone);
}

static void under_warn_every_use_of_a_header_is_said(void)
{
	const char *who = someone("warn"), *tenant = tenant_of(who);
	const char *slug = ask("SELECT slug FROM tenantd.tenants WHERE id = '%s'", tenant);
	stack_set("tenancy", "header_fallback", "warn");
	stack_reload();
	const char *alone = "tenantd_header_fallback_total{use=\"alone\"}";
	const char *beside = "tenantd_header_fallback_total{use=\"beside_claim\"}";
	int64_t alone_before = http_metric(alone), beside_before = http_metric(beside);
	stack_log_mark();
	struct http_reply r = HTTP("GET", "/v1/tenant", .token = token(who, NULL, "dev"), .tenant = tenant);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT(http_header(&r, "Deprecation") && http_header(&r, "Deprecation")[0] == '@');
	r = HTTP("GET", "/v1/tenant", .token = token(who, NULL, "dev"), .slug = slug);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_PTR_NOT_NULL(http_header(&r, "Deprecation"));
	r = HTTP("GET", "/v1/tenant", .token = token(who, tenant, "dev"), .tenant = tenant);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_PTR_NOT_NULL(http_header(&r, "Deprecation"));
	r = HTTP("GET", "/v1/tenant", .token = token(who, tenant, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_PTR_NULL(http_header(&r, "Deprecation"));
	CU_ASSERT_EQUAL(http_metric(alone), alone_before + 2);
	CU_ASSERT_EQUAL(http_metric(beside), beside_before + 1);
	CU_ASSERT_EQUAL(stack_log("\"event\":\"tenant.header\"", "\"level\":\"warn\""), 3);
	sql("UPDATE tenantd.header_uses SET last_at = now() - interval '8 days'"); /* or `off` would be refused */
	stack_set("tenancy", "header_fallback", NULL);
	stack_reload();
	r = HTTP("GET", "/v1/tenant", .token = token(who, NULL, "dev"), .tenant = tenant);
	CU_ASSERT(http_is(&r, 400, "tenant_required"));
}

/* ---- the cut-over ---- */

static const char *uses(const char *client)
{
	return ask(
		"SELECT coalesce(string_agg(concat_ws(' ', env, issuer, is_alone, minutes), ',' ORDER BY is_alone), '') "
		"FROM tenantd.header_uses WHERE client = '%s'",
		client);
}

static const char *token_for(const char *who, const char *tenant, const char *claim, const char *client)
{
	return TOKEN(ISS_MAIN, HEADER_ES, { "sub", text_of("\"%s\"", who) }, { "env", "\"dev\"" },
		{ "app_metadata", tenant ? text_of("{\"tenant_id\":\"%s\"}", tenant) : NULL },
		{ claim, text_of("\"%s\"", client) });
}

/* What served is noted, in both phases, for the program that the token was issued to. */
static void clients_that_name_a_tenant_by_header_are_noted(void)
{
	const char *who = someone("ledger"), *tenant = active_tenant_of(who);
	static const char *const phases[] = { "validate", "warn" };
	for (size_t i = 0; i < COUNT_OF(phases); i++) {
		const char *alone = text_of("alone-%s", phases[i]), *beside = text_of("beside-%s", phases[i]);
		const char *silent = text_of("silent-%s", phases[i]), *lost = text_of("lost-%s", phases[i]);
		stack_set("tenancy", "header_fallback", phases[i]);
		stack_reload();
		for (int n = 0; n < 3; n++) {
			struct http_reply r =
				HTTP("GET", "/v1/tenant", .token = token_for(who, NULL, "azp", alone), .tenant = tenant);
			CU_ASSERT(http_is(&r, 200, ""));
		}
		struct http_reply r =
			HTTP("GET", "/v1/tenant", .token = token_for(who, tenant, "client_id", beside), .tenant = tenant);
		CU_ASSERT(http_is(&r, 200, ""));
		r = HTTP("GET", "/v1/tenant", .token = token_for(who, tenant, "azp", silent));
		CU_ASSERT(http_is(&r, 200, ""));
		r = HTTP("GET", "/v1/tenant", .token = token_for(who, NULL, "azp", lost), .tenant = NOBODYS);
		CU_ASSERT(http_is(&r, 404, "tenant_not_found"));
		const char *noted = uses(alone); /* a second minute may have begun */
		CU_ASSERT(strcmp(noted, "dev " ISS_MAIN " t 1") == 0 || strcmp(noted, "dev " ISS_MAIN " t 2") == 0);
		CU_ASSERT_STRING_EQUAL(uses(beside), "dev " ISS_MAIN " f 1");
		CU_ASSERT_STRING_EQUAL(uses(silent), "");
		CU_ASSERT_STRING_EQUAL(uses(lost), "");
	}
	/* A use in an earlier minute is counted again; one of the same minute is not. */
	sql("UPDATE tenantd.header_uses SET last_at = last_at - interval '2 minutes', minutes = 5 WHERE client = 'alone-warn'");
	for (int n = 0; n < 2; n++) {
		struct http_reply r =
			HTTP("GET", "/v1/tenant", .token = token_for(who, NULL, "azp", "alone-warn"), .tenant = tenant);
		CU_ASSERT(http_is(&r, 200, ""));
	}
	const char *noted = uses("alone-warn");
	CU_ASSERT(strcmp(noted, "dev " ISS_MAIN " t 6") == 0 || strcmp(noted, "dev " ISS_MAIN " t 7") == 0);
}

/* Many at once do not wait for each other, and leave one row. */
static void note_one(size_t number, void *arg)
{
	const char *const *with = arg;
	struct http_reply r = HTTP("GET", "/v1/tenant", .token = with[0], .tenant = with[1]);
	if (!http_is(&r, 200, ""))
		fprintf(stderr, "  request %zu was not served\n", number);
}

static void clients_that_come_at_once_leave_one_row(void)
{
	const char *who = someone("ledger"), *tenant = active_tenant_of(who);
	const char *with[] = { token_for(who, NULL, "azp", "crowd"), tenant };
	in_parallel(8, note_one, with);
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.header_uses WHERE client = 'crowd'"), 1);
}

static void off_is_refused_while_clients_need_the_header(void)
{
	pid_t before[8], after[8];
	size_t count = stack_workers(before, COUNT_OF(before));
	const char *who = someone("ledger"), *tenant = active_tenant_of(who);
	const char *bearer = token(who, NULL, "dev");
	CU_ASSERT(ask_number("SELECT tenantd.header_clients('{dev}')") > 0);
	stack_set("tenancy", "header_fallback", NULL);
	stack_write_config();
	stack_log_mark();
	kill(stack_master(), SIGHUP);
	UNTIL(SOON_S, stack_log("worker.refuses", "tenantctl cutover"));
	CU_ASSERT(stack_log("worker.refuses", "tenantctl cutover") > 0);
	/* The workers of before go on, and the client is served as before. */
	struct http_reply r = HTTP("GET", "/v1/tenant", .token = bearer, .tenant = tenant);
	CU_ASSERT(http_is(&r, 200, ""));
	/* Uses that are older than seven days, or beside a claim, or of an env that is not served here do not matter. */
	sql("UPDATE tenantd.header_uses SET last_at = now() - interval '8 days' WHERE is_alone");
	UNTIL(SOON_S, stack_is_whole() && all_workers_answer(bearer, "/v1/tenant", 400));
	CU_ASSERT(all_workers_answer(bearer, "/v1/tenant", 400));
	UNTIL(SOON_S,
		stack_workers(after, COUNT_OF(after)) == count && after[0] != before[0] && after[0] != before[1]);
	r = HTTP("GET", "/v1/tenant", .token = bearer, .tenant = tenant);
	CU_ASSERT(http_is(&r, 400, "tenant_required"));
	sql("UPDATE tenantd.header_uses SET last_at = now() - interval '8 days'");
}

static void a_reload_that_is_refused_leaves_what_was(void)
{
	pid_t before[8], after[8];
	size_t count = stack_workers(before, COUNT_OF(before));
	stack_set("tenancy", "header_fallback", "maybe");
	stack_log_mark();
	stack_write_config();
	kill(stack_master(), SIGHUP);
	UNTIL(SOON_S, stack_log("master.reload_refused", "header_fallback"));
	CU_ASSERT_EQUAL(stack_log("master.reload_refused", "header_fallback"), 1);
	CU_ASSERT_EQUAL(stack_workers(after, COUNT_OF(after)), count);
	CU_ASSERT_EQUAL(memcmp(before, after, count * sizeof(*before)), 0);
	CU_ASSERT(stack_is_ready());
	stack_set("tenancy", "header_fallback", NULL);
	stack_reload();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(env_is_taken_in_every_spelling),
		TEST(env_that_is_missing_unknown_or_contradicted_is_400),
		TEST(env_that_this_server_does_not_serve_is_400),
		TEST(header_beside_the_claim_must_agree),
		TEST(a_header_in_two_or_in_disguise_is_400),
		TEST(slug_and_host_must_agree_too),
		TEST(no_tenant_named_is_400_however_many_there_are),
		TEST(unknown_foreign_and_lost_tenants_look_the_same),
		TEST(headers_of_proxies_and_servers_are_not_believed),
		TEST(under_off_a_header_alone_is_400),
		TEST(under_validate_a_header_alone_names_a_tenant_that_knows_the_caller),
		TEST(under_warn_every_use_of_a_header_is_said),
		TEST(clients_that_name_a_tenant_by_header_are_noted),
		TEST(clients_that_come_at_once_leave_one_row),
		TEST(off_is_refused_while_clients_need_the_header),
		TEST(a_reload_that_is_refused_leaves_what_was),
	};
	stack_up();
	return unit_main("headers", tests, COUNT_OF(tests));
}
