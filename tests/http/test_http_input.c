/*
 * Requests of the wrong form and how they are refused: targets, methods, bodies, sizes; and the form of the answers.
 */
#include "core/limits.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

static const char *owner, *tenant;

static const char *bearer(void)
{
	return token(owner, tenant, "dev");
}

static struct http_reply rename_to(const char *body)
{
	return HTTP("PATCH", "/v1/tenant", .token = bearer(), .body = body);
}

/* ---- targets ---- */

/* T92, T93 */
static void targets_that_can_be_read_in_two_ways_are_refused(void)
{
	static const char *const targets[] = { "//v1/tenant", "/v1//tenant", "/v1/tenant/", "/v1/tenant//",
		"/v1/./tenant", "/v1/x/../tenant", "/../v1/tenant", "/v1/%2e%2e/v1/tenant", "/v1/%2e/tenant",
		"/v1%2Ftenant", "/v1%2ftenant", "/%2Fv1/tenant", "/v1/tenant;a=b", "/v1;/tenant", "/v1\\tenant",
		"/v1/tenant%5c", "/v1/tenan%zz", "/v1/tenan%7", "/v1/tenant%", "/v1/tenant%ff", "/v1/tenant%c0%ae",
		"/v1/tenant%00", "/v1/tenant%00.html", "/v1/tenant%0a", "/v1/tenant%20", "/v1/tenant%252e",
		"/v1/tenant#x", "/V1/tenant", "/v1/Tenant", "/v1/tenant.json", "/v1", "/", "/v1/tenant/x", "/tenant",
		"/v1/v1/tenant", "/members", "/audit", "/v1/healthz", "/v1/members/a/b",
		"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17" };
	for (size_t i = 0; i < COUNT_OF(targets); i++) {
		struct http_reply r = HTTP("GET", targets[i], .token = bearer());
		bool good = (r.status == 400 && strcmp(r.code, "invalid_request") == 0) ||
			(r.status == 404 && strcmp(r.code, "not_found") == 0);
		if (!good)
			fprintf(stderr, "  %s: %d %s\n", targets[i], r.status, r.code);
		CU_ASSERT(good);
	}
}

static void queries_that_are_malformed_or_unknown_are_refused(void)
{
	static const char *const targets[] = { "/v1/tenant?x=1", "/v1/tenant?%zz", "/v1/members?limit=%00",
		"/v1/members?limit=1&limit=2", "/v1/members?limit=%ff", "/v1/members?=1", "/v1/members?Limit=1",
		"/v1/members?status=eq.active", "/v1/auth/me?env=dev", "/v1/audit?tenant_id=1", "/readyz?x",
		"/healthz?x=1" };
	for (size_t i = 0; i < COUNT_OF(targets); i++) {
		struct http_reply r = HTTP("GET", targets[i], .token = bearer());
		CU_ASSERT(http_is(&r, 400, "invalid_request"));
	}
}

/* T94 */
static void an_absolute_target_must_name_the_host_of_Host(void)
{
	struct http_reply r =
		http_rawf("GET http://a.example/healthz HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
	CU_ASSERT(http_is(&r, 200, ""));
	r = http_rawf(
		"GET http://a.example/v1/x/../tenant HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
	CU_ASSERT(r.status == 400 || r.status == 404);
	r = http_rawf("GET ftp://a.example/healthz HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
	CU_ASSERT(r.status == 400 || r.status == 404);
	r = http_rawf("GET healthz HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
	CU_ASSERT(r.status == 400 || r.status == 404);
}

static void unversioned_spellings_are_those_of_auth_and_onboarding(void)
{
	const char *who = someone("unversioned");
	struct http_reply r = HTTP("POST", "/auth/bootstrap", .token = token(who, NULL, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	const char *own = http_text(&r, "tenant_id");
	r = HTTP("GET", "/auth/me", .token = token(who, own, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "tenant.id"), own);
	r = HTTP("GET", "/onboarding", .token = token(who, own, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("POST", "/onboarding/complete", .token = token(who, own, "dev"),
		.body = "{\"organization_name\":\"U\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("GET", "/tenant", .token = token(who, own, "dev"));
	CU_ASSERT(http_is(&r, 404, "not_found"));
}

/* ---- methods ---- */

/* T96 */
static void a_method_that_a_path_does_not_take_is_405_with_Allow(void)
{
	static const struct {
		const char *method, *target, *allow;
	} cases[] = {
		{ "POST", "/v1/tenant", "GET, HEAD, PATCH" },
		{ "DELETE", "/v1/tenant", "GET, HEAD, PATCH" },
		{ "PUT", "/v1/members/x", "GET, HEAD, PATCH, DELETE" },
		{ "GET", "/v1/auth/bootstrap", "POST" },
		{ "HEAD", "/auth/bootstrap", "POST" },
		{ "POST", "/healthz", "GET, HEAD" },
		{ "OPTIONS", "/v1/audit", "GET, HEAD" },
		/* Methods that no path takes. */
		{ "TRACE", "/v1/audit", "GET, HEAD, POST, PUT, PATCH, DELETE" },
		{ "get", "/v1/audit", "GET, HEAD, POST, PUT, PATCH, DELETE" },
		{ "FOO", "/v1/audit", "GET, HEAD, POST, PUT, PATCH, DELETE" },
		{ "PROPFIND", "/v1/audit", "GET, HEAD, POST, PUT, PATCH, DELETE" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct http_reply r = HTTP(cases[i].method, cases[i].target, .token = bearer());
		const char *allow = http_header(&r, "Allow");
		CU_ASSERT(http_is(&r, 405, strcmp(cases[i].method, "HEAD") == 0 ? NULL : "method_not_allowed"));
		CU_ASSERT(allow && strcmp(allow, cases[i].allow) == 0);
		if (!allow || strcmp(allow, cases[i].allow) != 0)
			fprintf(
				stderr, "  %s %s: Allow: %s\n", cases[i].method, cases[i].target, allow ? allow : "(none)");
	}
}

static void HEAD_is_GET_without_the_body(void)
{
	static const char *const targets[] = { "/healthz", "/readyz", "/v1/tenant", "/v1/members",
		"/v1/auth/me" };
	for (size_t i = 0; i < COUNT_OF(targets); i++) {
		struct http_reply get = HTTP("GET", targets[i], .token = bearer());
		struct http_reply head = HTTP("HEAD", targets[i], .token = bearer());
		CU_ASSERT(http_is(&get, 200, "") && http_is(&head, 200, ""));
		CU_ASSERT_STRING_EQUAL(http_header(&head, "Content-Type"), http_header(&get, "Content-Type"));
		CU_ASSERT(http_header(&head, "Content-Length") &&
			strtoul(http_header(&head, "Content-Length"), NULL, 10) == get.body.len);
		CU_ASSERT_EQUAL(head.body.len, 0);
	}
}

/* ---- bodies ---- */

/* T75, T76, T78 */
static void bodies_that_are_not_one_strict_object_are_400(void)
{
	static const char *const bodies[] = { "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":\"a\"} x",
		"{\"name\":\"a\"}{}", "{\"name\":\"a\\u0000b\"}", "{\"na\\u0000me\":\"a\"}", "{\"name\":NaN}",
		"{'name':'a'}", "{name:\"a\"}", "{\"name\":\"\xc0\xaf\"}", "{\"name\":\"\xed\xa0\x80\"}",
		"{\"name\":\"\\ud800\"}", "{\"name\":\"a\nb\"}", "{\"name\":\"a\tb\"}",
		"\xef\xbb\xbf{\"name\":\"a\"}", "{\"name\":\"a\",}", "{\"name\":\"a\"/**/}", "[]", "\"a\"", "1",
		"null", "{", "}", "{\"name\"}", "{\"name\":01}", "{\"name\":+1}", "{\"name\":.5}" };
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		struct http_reply r = rename_to(bodies[i]);
		bool is_refused = http_is(&r, 400, "invalid_request");
		if (!is_refused)
			fprintf(stderr, "  body %s\n", bodies[i]);
		CU_ASSERT(is_refused);
	}
	char deep[256];
	int n = snprintf(deep, sizeof(deep), "{\"name\":");
	for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
		deep[n++] = '[';
	for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
		deep[n++] = ']';
	snprintf(deep + n, sizeof(deep) - (size_t)n, "}");
	struct http_reply r = rename_to(deep);
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("PATCH", "/v1/tenant", .token = bearer(), .body = "{\"name\":\"a\"}\0", .length = 13);
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	CU_ASSERT_STRING_EQUAL(ask("SELECT name FROM tenantd.tenants WHERE id = '%s'", tenant),
		ask("SELECT slug FROM tenantd.tenants WHERE id = '%s'", tenant));
}

/* T38, T77, T80: the refused fields are named. */
static void fields_of_the_wrong_kind_are_named_and_refused(void)
{
	static const struct {
		const char *body, *field;
	} cases[] = {
		{ "{\"status\":\"active\"}", "status" },
		{ "{\"id\":\"11111111-1111-4111-8111-111111111111\"}", "id" },
		{ "{\"tenant_id\":\"x\"}", "tenant_id" },
		{ "{\"env\":\"prod\"}", "env" },
		{ "{\"slug\":\"x\"}", "slug" },
		{ "{\"bootstrapped_by\":null}", "bootstrapped_by" },
		{ "{\"name\":1}", "name" },
		{ "{\"name\":null}", "name" },
		{ "{\"name\":true}", "name" },
		{ "{\"name\":{}}", "name" },
		{ "{\"name\":\"\"}", "name" },
		{ "{\"name\":\"   \"}", "name" },
		{ "{\"name\":\"a\\u202eb\"}", "name" },
		{ "{\"name\":\"a\\u200bb\"}", "name" },
		{ "{\"name\":\"a\\nb\"}", "name" },
		{ "{\"contact_email\":\"nobody\"}", "contact_email" },
		{ "{\"contact_email\":\"a@b@c\"}", "contact_email" },
		{ "{\"country\":\"Germany\"}", "country" },
		{ "{\"country\":\"xx\",\"name\":\"ok\"}", "country" },
		{ "{\"x\\r\\nSet-Cookie: a\":1}", "x\r\nSet-Cookie: a" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct http_reply r = rename_to(cases[i].body);
		struct str field = STR("");
		CU_ASSERT(http_is(&r, 400, "invalid_request"));
		const struct json *errors = json_get(r.json, STR("errors"));
		CU_ASSERT(errors && json_count(errors) == 1 &&
			json_string(json_get(json_at(errors, 0, NULL), STR("field")), &field));
		if (!str_eq(field, str_c(cases[i].field)))
			fprintf(stderr, "  %s: %.*s\n", cases[i].body, STR_ARG(r.body));
		CU_ASSERT(str_eq(field, str_c(cases[i].field)));
		CU_ASSERT_PTR_NULL(http_header(&r, "Set-Cookie"));
	}
	char *longest = arena_alloc(http_arena(), LIMIT_NAME + 2);
	memset(longest, 'n', LIMIT_NAME + 1);
	struct http_reply r = rename_to(text_of("{\"name\":\"%s\"}", longest));
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
}

/* T82 */
static void texts_that_mean_something_elsewhere_are_only_texts(void)
{
	static const char *const names[] = { "Robert'); DROP TABLE tenantd.tenants;--", "100%_off\\\\",
		"$1 $$ $body$", "<script>alert(1)</script>", "{\\\"json\\\":1}", "%s%n%p",
		"\xc3\x9c\xe2\x82\xac\xf0\x9f\x98\x80" };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct http_reply r = rename_to(text_of("{\"name\":\"%s\"}", names[i]));
		struct http_reply sent = HTTP("GET", "/v1/tenant", .token = bearer());
		CU_ASSERT(http_is(&r, 200, "") && http_is(&sent, 200, ""));
		CU_ASSERT_STRING_EQUAL(
			http_text(&sent, "name"), ask("SELECT name FROM tenantd.tenants WHERE id = '%s'", tenant));
		CU_ASSERT_STRING_EQUAL(http_text(&sent, "name"), http_text(&r, "name"));
	}
	CU_ASSERT(ask_number("SELECT count(*) FROM tenantd.tenants") > 0);
}

/* T77, T79 */
static void numbers_and_times_in_the_query_are_taken_exactly_or_refused(void)
{
	static const char *const bad[] = { "limit=0", "limit=-1", "limit=1001", "limit=1e2", "limit=1.0",
		"limit=12x", "limit=%201", "limit=+1", "limit=", "limit=99999999999999999999",
		"limit=9223372036854775808", "limit=0x10", "since=infinity", "since=-infinity", "since=now",
		"since=2026-01-01", "since=0000-01-01T00:00:00Z", "since=2026-02-30T00:00:00Z",
		"since=2026-13-01T00:00:00Z", "since=2026-01-01T24:00:01Z", "since=2026-12-31T23:59:60Z",
		"since=2026-01-01T00:00:00", "since=2026-01-01T00:00:00%2b25:00", "until=99999-01-01T00:00:00Z",
		"actor=me", "actor=%27", "cursor=x", "cursor=" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct http_reply r = HTTP("GET", text_of("/v1/audit?%s", bad[i]), .token = bearer());
		bool is_refused = http_is(&r, 400, "invalid_request");
		if (!is_refused)
			fprintf(stderr, "  %s\n", bad[i]);
		CU_ASSERT(is_refused);
	}
	static const char *const good[] = { "limit=1", "limit=1000", "since=2026-01-01T00:00:00Z",
		"since=2026-01-01T00:00:00.123456%2b02:00", "until=2026-01-01T23:59:59-05:30",
		"object=%27%20OR%201=1--", "action=tenant.created&limit=5" };
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		struct http_reply r = HTTP("GET", text_of("/v1/audit?%s", good[i]), .token = bearer());
		CU_ASSERT(http_is(&r, 200, ""));
	}
}

/* T81 */
static void a_body_must_say_that_it_is_json_in_utf8(void)
{
	static const char *const refused[] = { "text/plain", "application/xml",
		"application/x-www-form-urlencoded", "application/json; charset=latin1", "application/json5", "json",
		"application/jsonx; a=b" };
	static const char *const taken[] = { "application/json", "Application/JSON",
		"application/json; charset=utf-8", "application/json;charset=\"UTF-8\"" };
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		struct http_reply r =
			HTTP("PATCH", "/v1/tenant", .token = bearer(), .type = refused[i], .body = "{\"name\":\"x\"}");
		CU_ASSERT(http_is(&r, 415, "unsupported_media_type"));
	}
	for (size_t i = 0; i < COUNT_OF(taken); i++) {
		struct http_reply r =
			HTTP("PATCH", "/v1/tenant", .token = bearer(), .type = taken[i], .body = "{\"name\":\"x\"}");
		CU_ASSERT(http_is(&r, 200, ""));
	}
	struct http_reply r =
		HTTP("POST", "/v1/auth/bootstrap", .token = bearer(), .type = "text/plain", .body = "{}");
	CU_ASSERT(http_is(&r, 415, "unsupported_media_type"));
	r = HTTP("PATCH", "/v1/tenant", .token = bearer());
	CU_ASSERT(r.status == 400 || r.status == 411); /* nothing at all */
	r = HTTP("POST", "/v1/auth/bootstrap", .token = bearer(), .body = "{\"tenant_id\":\"x\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
}

/* ---- sizes ---- */

/* T76, T100 */
static void a_body_may_have_1_MiB_and_no_more(void)
{
	char *body = arena_alloc(http_arena(), LIMIT_BODY + 2);
	memset(body, ' ', LIMIT_BODY + 1);
	memcpy(body, "{\"name\":\"large\"}", 16);
	struct http_reply r = HTTP("PATCH", "/v1/tenant", .token = bearer(), .body = body, .length = LIMIT_BODY);
	CU_ASSERT(http_is(&r, 200, ""));
	r = HTTP("PATCH", "/v1/tenant", .token = bearer(), .body = body, .length = LIMIT_BODY + 1);
	CU_ASSERT(http_is(&r, 413, "content_too_large"));
	r = http_rawf(
		"PATCH /v1/tenant HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n");
	CU_ASSERT(http_is(&r, 413, "content_too_large"));
}

static bool is_lighttpd(void)
{
	return stack_server() == SERVER_LIGHTTPD;
}

static void headers_have_bounds(void)
{
	struct http_with many = { .token = bearer() };
	for (size_t i = 0; i < HTTP_HEADERS; i++)
		many.headers[i] = text_of("X-Filler-%zu: x", i);
	struct http_reply r = http_send("GET", "/v1/tenant", &many);
	CU_ASSERT(http_is(&r, 431, "headers_too_large"));
	char *value = arena_alloc(http_arena(), 17000);
	memset(value, 'v', 16999);
	r = HTTP("GET", "/v1/tenant", .token = bearer(),
		.headers = { text_of("X-Filler: %.*s", LIMIT_HEADER_VALUE + 1, value) });
	CU_ASSERT(http_is(&r, 431, "headers_too_large"));
	r = HTTP("GET", "/v1/tenant", .token = bearer(), .headers = { text_of("X-Filler: %s", value) });
	/* Apache has one status for all headers that it cannot read. */
	CU_ASSERT(
		http_is(&r, is_lighttpd() ? 431 : 400, is_lighttpd() ? "headers_too_large" : "invalid_request"));
	r = HTTP("GET", text_of("/v1/tenant?%.*s", LIMIT_URI, value), .token = bearer());
	CU_ASSERT(r.status == 400 || r.status == 414 || r.status == 431);
}

/* T97, T83 */
static void requests_whose_length_is_in_doubt_are_refused(void)
{
	const char *t = bearer();
	struct http_reply r = HTTP("GET", "/v1/tenant", .token = t, .body = "{}");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = http_rawf(
		"POST /v1/auth/bootstrap HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Length: 2\r\n"
		"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		t);
	/* Apache drops the length and reads the chunks; it is then a request like others, without a type. */
	CU_ASSERT(http_is(&r, is_lighttpd() ? 400 : 415, NULL));
	r = http_rawf(
		"POST /v1/auth/bootstrap HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Length: 2\r\n"
		"Content-Length: 3\r\nConnection: close\r\n\r\n{} ",
		t);
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = http_rawf(
		"POST /v1/auth/bootstrap HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Length: -2\r\n"
		"Connection: close\r\n\r\n{}",
		t);
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = http_rawf("GET /v1/tenant HTTP/1.1\r\nHost: a\r\nX-Tenant-ID : x\r\nConnection: close\r\n\r\n");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = http_rawf("GET /v1/tenant HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
}

/* T98 */
static void a_line_break_gets_into_no_header(void)
{
	static const struct {
		const char *target;
		int status;
	} cases[] = { { "/v1/members?%0d%0aX-Evil:%201=2", 400 }, { "/v1/members?role=%0d%0aX-Evil:%201", 400 },
		{ "/v1/audit?object=%0d%0aX-Evil:%201&limit=1", 200 }, { "/v1/%0d%0aX-Evil:%201", 400 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct http_reply r = HTTP("GET", cases[i].target, .token = bearer());
		CU_ASSERT(http_is(&r, cases[i].status, NULL));
		CU_ASSERT_PTR_NULL(http_header(&r, "X-Evil"));
	}
	struct http_reply r = HTTP("GET", "/healthz", .headers = { "traceparent: 00-x\tX-Evil: 1" });
	CU_ASSERT_PTR_NULL(http_header(&r, "X-Evil"));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(targets_that_can_be_read_in_two_ways_are_refused),
		TEST(queries_that_are_malformed_or_unknown_are_refused),
		TEST(an_absolute_target_must_name_the_host_of_Host),
		TEST(unversioned_spellings_are_those_of_auth_and_onboarding),
		TEST(a_method_that_a_path_does_not_take_is_405_with_Allow),
		TEST(HEAD_is_GET_without_the_body),
		TEST(bodies_that_are_not_one_strict_object_are_400),
		TEST(fields_of_the_wrong_kind_are_named_and_refused),
		TEST(numbers_and_times_in_the_query_are_taken_exactly_or_refused),
		TEST(texts_that_mean_something_elsewhere_are_only_texts),
		TEST(a_body_must_say_that_it_is_json_in_utf8),
		TEST(a_body_may_have_1_MiB_and_no_more),
		TEST(headers_have_bounds),
		TEST(requests_whose_length_is_in_doubt_are_refused),
		TEST(a_line_break_gets_into_no_header),
	};
	static char who[64], whose[64];
	stack_up();
	snprintf(who, sizeof(who), "%s", someone("input"));
	snprintf(whose, sizeof(whose), "%s", tenant_of(who));
	owner = who;
	tenant = whose;
	return unit_main("input", tests, COUNT_OF(tests));
}
