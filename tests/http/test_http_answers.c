/*
 * The form of answers: problems, traces, metrics. Every error code that a request can cause is caused here, so that a new
 * code without a test is noticed.
 */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

static bool seen[ERROR_COUNT];

#define ROWS "/v1/data/rows"

static bool is_hex(const char *s, size_t len)
{
	return strlen(s) == len && strspn(s, "0123456789abcdef") == len;
}

/* True when the reply is this problem in every detail of RFC 9457 and of our own. */
static bool is_problem(const struct http_reply *r, enum error_code code)
{
	const struct error_info *info = error_info(code);
	const char *parent = http_header(r, "traceparent"), *type = http_header(r, "Content-Type");
	int64_t status = 0;
	seen[code] = true;
	bool good = r->status == info->status && type && strcmp(type, "application/problem+json") == 0 &&
		strcmp(http_text(r, "type"), text_of("urn:problem-type:tenantd:%s", info->code)) == 0 &&
		strcmp(http_text(r, "title"), info->title) == 0 &&
		json_int64(json_get(r->json, STR("status")), &status) && status == info->status &&
		strcmp(r->code, info->code) == 0 && is_hex(http_text(r, "trace_id"), 32) && parent &&
		strncmp(parent + 3, http_text(r, "trace_id"), 32) == 0 && http_header(r, "Cache-Control") &&
		strcmp(http_header(r, "Cache-Control"), "no-store") == 0 &&
		(http_header(r, "Retry-After") != NULL) == ((info->flags & RETRY_AFTER) != 0) &&
		(http_header(r, "WWW-Authenticate") != NULL) == (info->status == 401) && !strstr(r->body.at, "SQL") &&
		!strstr(r->body.at, "tenantd.tenant") && !strstr(r->body.at, "TD0");
	if (!good)
		fprintf(stderr, "  not the problem \"%s\": %s\n%.*s\n", info->code, r->head, STR_ARG(r->body));
	return good;
}

static struct http_reply with_a_broken_database(const char *bearer)
{
	sql("ALTER FUNCTION tenantd.me() RENAME TO me_away");
	struct http_reply r = HTTP("GET", "/v1/auth/me", .token = bearer);
	sql("ALTER FUNCTION tenantd.me_away() RENAME TO me");
	return r;
}

/* Of one that has expired. */
static struct http_reply with_a_late_invitation(const char *who, const char *bearer, const char *tenant)
{
	sql("INSERT INTO tenantd.invitations (tenant_id, env, email, token_digest, invited_by, expires_at)"
		" SELECT '%s', 'dev', '%s@example.com', sha256('late'), id, now() FROM tenantd.users WHERE subject = '%s'",
		tenant, who, who);
	return HTTP("POST", "/v1/invitations/accept", .token = bearer, .body = "{\"token\":\"late\"}");
}

static struct http_reply with_a_locked_row(const char *bearer, const char *tenant)
{
	sql("BEGIN; SELECT 1 FROM tenantd.tenants WHERE id = '%s' FOR UPDATE", tenant);
	struct http_reply r = HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"name\":\"x\"}");
	sql("ROLLBACK");
	return r;
}

static void every_code_that_can_be_reached_is_a_problem_of_one_form(void)
{
	const char *who = someone("codes"), *tenant = tenant_of(who), *in = token(who, tenant, "dev");
	const char *lone = token(who, NULL, "dev"), *pending = someone("codes"), *suspended = someone("codes");
	const char *member = someone("codes"),
			   *me = ask("SELECT id FROM tenantd.users WHERE subject = '%s'", who);
	member_of(tenant, pending, "member", "pending");
	member_of(tenant, suspended, "member", "suspended");
	member_of(tenant, member, "member", "active");
	char *large = arena_alloc(http_arena(), LIMIT_BODY + 1);
	memset(large, ' ', LIMIT_BODY + 1);
	const char *wide = text_of("X-Filler: %0*d", LIMIT_HEADER_VALUE + 1, 0);
	const char *expired = TOKEN(ISS_MAIN, HEADER_ES, { "exp", "1" });
	const char *suspended_tenant = tenant_of(someone("codes"));
	member_of(suspended_tenant, who, "member", "active");
	sql("UPDATE tenantd.tenants SET status = 'suspended' WHERE id = '%s'", suspended_tenant);
	const char *row = text_of(ROWS "/%s", me);
	struct http_reply r = HTTP("PUT", row, .token = in, .body = "{}");
	CU_ASSERT(http_is(&r, 201, ""));
	const struct {
		enum error_code code;
		struct http_reply reply;
	} cases[] = {
		{ ERR_UNAUTHENTICATED, HTTP("GET", "/v1/tenant") },
		{ ERR_TOKEN_EXPIRED, HTTP("GET", "/v1/tenant", .token = expired) },
		{ ERR_TENANT_REQUIRED, HTTP("GET", "/v1/tenant", .token = lone) },
		{ ERR_TENANT_MISMATCH, HTTP("GET", "/v1/tenant", .token = in, .tenant = me) },
		{ ERR_TENANT_NOT_FOUND, HTTP("GET", "/v1/tenant", .token = token(who, me, "dev")) },
		{ ERR_TENANT_NOT_ACTIVE, HTTP("GET", "/v1/members", .token = token(who, suspended_tenant, "dev")) },
		{ ERR_ENV_REQUIRED, HTTP("GET", "/v1/auth/me", .token = token(who, NULL, NULL)) },
		{ ERR_ENV_MISMATCH, HTTP("GET", "/v1/auth/me", .token = lone, .env = "prod") },
		{ ERR_ENV_NOT_ALLOWED, HTTP("GET", "/v1/auth/me", .token = lone, .env = "moon") },
		{ ERR_MEMBERSHIP_PENDING, HTTP("GET", "/v1/tenant", .token = token(pending, tenant, "dev")) },
		{ ERR_MEMBERSHIP_SUSPENDED, HTTP("GET", "/v1/tenant", .token = token(suspended, tenant, "dev")) },
		{ ERR_FORBIDDEN, HTTP("GET", "/v1/audit", .token = token(member, tenant, "dev")) },
		{ ERR_LAST_OWNER, HTTP("POST", "/v1/members/leave", .token = in) },
		{ ERR_INVALID_REQUEST, HTTP("PATCH", "/v1/tenant", .token = in, .body = "{}") },
		{ ERR_NOT_FOUND, HTTP("GET", "/nowhere") },
		{ ERR_NOT_FOUND, HTTP("GET", "/v1/members/nobody", .token = in) },
		{ ERR_METHOD_NOT_ALLOWED, HTTP("PUT", "/v1/tenant", .token = in, .body = "{}") },
		{ ERR_CONTENT_TOO_LARGE,
			HTTP("PATCH", "/v1/tenant", .token = in, .body = large, .length = LIMIT_BODY + 1) },
		{ ERR_UNSUPPORTED_MEDIA_TYPE,
			HTTP("PATCH", "/v1/tenant", .token = in, .body = "{}", .type = "text/plain") },
		{ ERR_HEADERS_TOO_LARGE, HTTP("GET", "/v1/tenant", .token = in, .headers = { wide }) },
		{ ERR_NOT_ACCEPTABLE, HTTP("GET", ROWS, .token = in, .headers = { "Accept: text/csv" }) },
		{ ERR_PRECONDITION_FAILED,
			HTTP("PUT", row, .token = in, .body = "{}", .headers = { "If-None-Match: *" }) },
		{ ERR_RANGE_NOT_SATISFIABLE, HTTP("GET", ROWS, .token = in, .headers = { "Range: 5-3" }) },
		{ ERR_TOO_MANY_AFFECTED,
			HTTP("DELETE", ROWS "?id=not.is.null", .token = in,
				.headers = { "Prefer: handling=strict, max-affected=0" }) },
		{ ERR_GONE, with_a_late_invitation(who, lone, tenant) },
		{ ERR_INTERNAL, with_a_broken_database(lone) },
		{ ERR_UNAVAILABLE, with_a_locked_row(in, tenant) },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		CU_ASSERT(is_problem(&cases[i].reply, cases[i].code));
	r = HTTP("POST", "/v1/onboarding/complete", .token = in, .body = "{\"organization_name\":\"O\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("POST", "/v1/onboarding/complete", .token = in, .body = "{\"organization_name\":\"O\"}");
	CU_ASSERT(is_problem(&r, ERR_CONFLICT));

	/* Slow peers are tried in test_http_peers.c, an open wall and a key that was dropped in test_http_gate.c. No request of today can reach a limit of
	 * rate. */
	seen[ERR_NONE] = seen[ERR_REQUEST_TIMEOUT] = seen[ERR_TOO_MANY_REQUESTS] = seen[ERR_ISOLATION_FAILED] =
		seen[ERR_CONTEXT_REFUSED] = true;
	for (int i = 0; i < ERROR_COUNT; i++) {
		if (!seen[i])
			fprintf(stderr, "  nothing reached \"%s\"\n", error_info((enum error_code)i)->code);
		CU_ASSERT(seen[i]);
	}
}

/* The web server's own refusals have the form too, as far as it can know it. */
static void what_the_web_server_refuses_is_a_problem_as_well(void)
{
	struct http_reply r =
		http_rawf("POST /v1/auth/bootstrap HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	CU_ASSERT_EQUAL(r.status, 401); /* a POST without a token, for tenantd takes it */
	CU_ASSERT_STRING_EQUAL(r.code, "unauthenticated");
	r = http_rawf("GET / HTTP/1.1\r\nHost: a\r\nX-Filler: %0*d\r\nConnection: close\r\n\r\n", 20000, 0);
	bool is_lighttpd =
		stack_server() == SERVER_LIGHTTPD; /* Apache has one status for all that it cannot read */
	CU_ASSERT_EQUAL(r.status, is_lighttpd ? 431 : 400);
	CU_ASSERT_STRING_EQUAL(r.code, is_lighttpd ? "headers_too_large" : "invalid_request");
	r = http_rawf("GET / HTTP/1.1\r\nNo colon\r\nConnection: close\r\n\r\n");
	CU_ASSERT_EQUAL(r.status, 400);
	CU_ASSERT_STRING_EQUAL(r.code, "invalid_request");
}

static void a_traceparent_is_taken_emitted_and_written(void)
{
	const char *who = someone("trace"), *tenant = tenant_of(who), *bearer = token(who, tenant, "dev");
	const char *id = "0123456789abcdef0123456789abcdef";
	stack_log_mark();
	struct http_reply r = HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"name\":\"traced\"}",
		.headers = { "traceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-01" });
	const char *parent = http_header(&r, "traceparent");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT(
		parent && strncmp(parent + 3, id, 32) == 0 && strncmp(parent + 36, "0123456789abcdef", 16) != 0);
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM tenantd.audit_events WHERE trace_id = '%s' AND action = 'tenant.updated'",
			id),
		1);
	UNTIL(SOON_S, stack_log(id, "\"event\":\"request\""));
	CU_ASSERT_EQUAL(stack_log(id, "\"event\":\"request\""), 1);
	static const char *const malformed[] = {
		"traceparent: 00-00000000000000000000000000000000-0123456789abcdef-01",
		"traceparent: 00-0123456789ABCDEF0123456789abcdef-0123456789abcdef-01", "traceparent: x",
		"traceparent: ff-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
		"traceparent: 00-0123456789abcdef0123456789abcdef-0000000000000000-01"
	};
	for (size_t i = 0; i < COUNT_OF(malformed); i++) {
		r = HTTP("GET", "/healthz", .headers = { malformed[i] });
		parent = http_header(&r, "traceparent");
		CU_ASSERT(http_is(&r, 200, ""));
		CU_ASSERT(parent && strlen(parent) == 55 && strncmp(parent + 3, id, 32) != 0 &&
			strncmp(parent + 3, "00000000000000000000000000000000", 32) != 0);
	}
}

static void counters_move_with_what_happens(void)
{
	const char *who = someone("counted");
	(void)HTTP("GET", "/nowhere"); /* a series is not there before its first */
	int64_t created = http_metric("tenantd_tenants_created_total"),
			reused = http_metric("tenantd_tenants_reused_total");
	const char *refused = "tenantd_bootstrap_errors_total{reason=\"refused\"}";
	int64_t refused_before = http_metric(refused);
	const char *tenant = tenant_of(who);
	tenant_of(who);
	const char *pending = someone("counted");
	member_of(tenant, pending, "member", "pending");
	struct http_reply r = HTTP("POST", "/v1/auth/bootstrap", .token = token(pending, tenant, "dev"));
	CU_ASSERT(http_is(&r, 403, "membership_pending"));
	CU_ASSERT_EQUAL(http_metric("tenantd_tenants_created_total"), created + 1);
	CU_ASSERT_EQUAL(http_metric("tenantd_tenants_reused_total"), reused + 1);
	CU_ASSERT_EQUAL(http_metric(refused), refused_before + 1);
	const char *ok =
		"tenantd_http_request_duration_seconds_count{route=\"/v1/auth/bootstrap\",class=\"4xx\"}";
	CU_ASSERT(http_metric(ok) >= 1);
	int64_t nowhere =
		http_metric("tenantd_http_request_duration_seconds_count{route=\"none\",class=\"4xx\"}");
	(void)HTTP("GET", "/nowhere");
	CU_ASSERT_EQUAL(http_metric("tenantd_http_request_duration_seconds_count{route=\"none\",class=\"4xx\"}"),
		nowhere + 1);
	r = HTTP("GET", "/metrics");
	CU_ASSERT(strncmp(http_header(&r, "Content-Type"), "text/plain; version=0.0.4", 25) == 0);
	CU_ASSERT_PTR_NULL(strstr(r.body.at, tenant));
}

/* The format knows a series once: two lines of one name and label set make a scraper refuse or lose them. */
static void no_series_of_the_metrics_is_printed_twice(void)
{
	const char *who = someone("series"), *tenant = tenant_of(who), *bearer = token(who, tenant, "dev");
	(void)HTTP("GET", "/v1/tenant", .token = bearer);
	(void)HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"name\":\"n\"}");
	(void)HTTP("GET", "/nowhere");
	struct http_reply r = HTTP("GET", "/metrics");
	size_t twice = 0;
	struct str rest = r.body, line, later;
	while (!str_is_empty(rest)) {
		rest = str_split(rest, '\n', &line);
		size_t name = line.len;
		while (name > 0 && line.at[name - 1] != ' ')
			name--;
		for (struct str tail = rest; name > 0 && line.at[0] != '#' && !str_is_empty(tail);) {
			tail = str_split(tail, '\n', &later);
			if (str_starts(later, str_of(line.at, name)) && twice++ == 0)
				fprintf(stderr, "  twice: %.*s\n", STR_ARG(line));
		}
	}
	CU_ASSERT_EQUAL(twice, 0);
}

static void metrics_are_for_configured_addresses(void)
{
	stack_set("server", "metrics_allow", "10.0.0.0/8");
	stack_write_config();
	stack_log_mark();
	kill(stack_master(), SIGHUP);
	UNTIL(SOON_S,
		HTTP("GET", "/metrics").status == 404 && stack_log("worker.left", NULL) == stack_worker_count());
	struct http_reply r = HTTP("GET", "/metrics");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	stack_set("server", "metrics_allow", NULL);
	stack_reload();
	r = HTTP("GET", "/metrics");
	CU_ASSERT(http_is(&r, 200, ""));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(every_code_that_can_be_reached_is_a_problem_of_one_form),
		TEST(what_the_web_server_refuses_is_a_problem_as_well),
		TEST(a_traceparent_is_taken_emitted_and_written),
		TEST(counters_move_with_what_happens),
		TEST(no_series_of_the_metrics_is_printed_twice),
		TEST(metrics_are_for_configured_addresses),
	};
	stack_up();
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; CREATE SCHEMA app; CREATE TABLE app.rows (id uuid PRIMARY KEY);"
		"SELECT tenantd.register_resource('app.rows', delete_role => 'member', tenant_guard => 'open'); "
		"COMMIT");
	stack_reload();
	return unit_main("answers", tests, COUNT_OF(tests));
}
