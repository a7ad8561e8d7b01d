/*
 * Pages of other origins. What a browser makes of these headers is tried with a real one in tests/client; here is what
 * no browser sends, and every route.
 */
#include "support/http.h"
#include "support/routes.h"
#include "support/stack.h"
#include "support/unit.h"

#define LISTED "https://app.example.com"
#define ALSO_LISTED "http://localhost:5173"

static const char *origin(const char *of)
{
	return text_of("Origin: %s", of);
}

static struct http_reply preflight(const char *from, const char *target, const char *method)
{
	return HTTP("OPTIONS", target,
		.headers = { origin(from), text_of("Access-Control-Request-Method: %s", method),
			"Access-Control-Request-Headers: authorization, content-type" });
}

/* True when the comma-separated list of a header has the word. */
static bool lists(const struct http_reply *r, const char *header, const char *word)
{
	const char *value = http_header(r, header);
	struct str rest = str_c(value), one;
	while (!str_is_empty(rest)) {
		rest = str_split(rest, ',', &one);
		if (str_eq_nocase(str_trim(one), str_c(word)))
			return true;
	}
	fprintf(stderr, "  %s has no \"%s\": %s\n", header, word, value ? value : "(absent)");
	return false;
}

/* True when a page of this origin may read the answer. */
static bool is_open_to(const struct http_reply *r, const char *to)
{
	return header_is(r, "Access-Control-Allow-Origin", to) && header_is(r, "Vary", "Origin") &&
		lists(r, "Access-Control-Expose-Headers", "ETag") &&
		!http_header(r, "Access-Control-Allow-Credentials");
}

/* True when no header of CORS is there but Vary. */
static bool is_closed(const struct http_reply *r)
{
	return header_is(r, "Vary", "Origin") && !strcasestr(r->head, "access-control-");
}

static void nothing_is_said_of_origins_until_some_are_configured(void)
{
	struct http_reply replies[] = {
		preflight(LISTED, "/v1/tenant", "PATCH"),
		HTTP("GET", "/v1/auth/me", .token = token("page", NULL, "dev"), .headers = { origin(LISTED) }),
	};
	CU_ASSERT(http_is(&replies[0], 405, "method_not_allowed"));
	CU_ASSERT(http_is(&replies[1], 200, ""));
	for (size_t i = 0; i < COUNT_OF(replies); i++)
		CU_ASSERT(!strcasestr(replies[i].head, "access-control-") && !http_header(&replies[i], "Vary"));
	stack_set("cors", "origins", LISTED ", " ALSO_LISTED);
	stack_reload();
}

static void preflight_of_every_route_is_answered_from_its_row(void)
{
	static const char *const sent[] = { "authorization", "content-type", "x-tenant-id", "x-tenant-slug",
		"x-env", "idempotency-key", "prefer", "if-match", "if-none-match", "range", "range-unit",
		"traceparent", "accept", "x-client-info" };
	static const char *const never[] = { "cookie", "host", "origin", "x-forwarded-for", "x-forwarded-proto" };
	size_t count;
	const struct route *all = routes(&count);
	for (size_t i = 0; i < count; i++) {
		struct http_reply r =
			preflight(LISTED, route_target(http_arena(), &all[i]), method_name(all[i].method));
		CU_ASSERT(http_is(&r, 204, ""));
		CU_ASSERT(is_open_to(&r, LISTED));
		CU_ASSERT(lists(&r, "Access-Control-Allow-Methods", method_name(all[i].method)));
		CU_ASSERT(header_is(&r, "Access-Control-Max-Age", text_of("%d", LIMIT_PREFLIGHT_S)));
		CU_ASSERT_EQUAL(r.body.len, 0);
		for (size_t h = 0; h < COUNT_OF(sent); h++)
			CU_ASSERT(lists(&r, "Access-Control-Allow-Headers", sent[h]));
		for (size_t h = 0; h < COUNT_OF(never); h++)
			CU_ASSERT_PTR_NULL(strstr(http_header(&r, "Access-Control-Allow-Headers"), never[h]));
	}
	struct http_reply r = preflight(ALSO_LISTED, "/v1/members/" TARGET, "PATCH");
	CU_ASSERT(is_open_to(&r, ALSO_LISTED));
	CU_ASSERT(header_is(&r, "Access-Control-Allow-Methods", "GET, HEAD, PATCH, DELETE"));
	r = preflight(LISTED, "/v1/no/such/route", "GET");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	CU_ASSERT_PTR_NULL(http_header(&r, "Access-Control-Allow-Methods"));
}

/* T124. T28: neither Host nor what a proxy says of it makes an origin a listed one. */
static void a_preflight_of_an_origin_that_is_not_listed_is_told_and_does_nothing(void)
{
	static const char *const strangers[] = { "https://evil.example", "https://app.example.com.evil.example",
		"https://evil-app.example.com", "http://app.example.com", "https://app.example.com:8443",
		"https://app.example.com:443", "https://app.example.com/", "https://APP.example.com",
		"https://app.example.com.", "http://localhost", "null", "*", LISTED ", https://evil.example",
		LISTED " https://evil.example" };
	int64_t rows = ask_number("SELECT (SELECT count(*) FROM tenantd.tenants) + (SELECT count(*) FROM "
							  "tenantd.users) + (SELECT count(*) FROM tenantd.system_events)");
	for (size_t i = 0; i < COUNT_OF(strangers); i++) {
		struct http_reply r = preflight(strangers[i], "/v1/auth/bootstrap", "POST");
		CU_ASSERT(http_is(&r, 405, "method_not_allowed"));
		CU_ASSERT(header_is(&r, "Allow", "POST"));
		CU_ASSERT(is_closed(&r));
		r = HTTP("OPTIONS", "/v1/auth/bootstrap", .token = token(someone("page"), NULL, "dev"),
			.headers = { origin(strangers[i]), "Access-Control-Request-Method: POST",
				"X-Forwarded-Host: app.example.com", "X-Forwarded-Proto: https", "Host: app.example.com" });
		CU_ASSERT(http_is(&r, 405, "method_not_allowed"));
		CU_ASSERT(is_closed(&r));
	}
	/* Not even one of a listed origin does more than answer. */
	struct http_reply r = HTTP("OPTIONS", "/v1/auth/bootstrap", .token = token(someone("page"), NULL, "dev"),
		.headers = { origin(LISTED), "Access-Control-Request-Method: POST" });
	CU_ASSERT(http_is(&r, 204, ""));
	CU_ASSERT_EQUAL(ask_number("SELECT (SELECT count(*) FROM tenantd.tenants) + (SELECT count(*) FROM "
							   "tenantd.users) + (SELECT count(*) FROM tenantd.system_events)"),
		rows);
}

static void an_answer_and_every_refusal_can_be_read_by_a_listed_page(void)
{
	const char *who = someone("page"), *tenant = active_tenant_of(who), *in = token(who, tenant, "dev");
	const char *page = origin(LISTED);
	char *large = arena_alloc(http_arena(), LIMIT_BODY + 2);
	memset(large, ' ', LIMIT_BODY + 1);
	large[LIMIT_BODY + 1] = '\0';
	sql("BEGIN; SELECT 1 FROM tenantd.tenants WHERE id = '%s' FOR UPDATE", tenant);
	struct http_reply locked =
		HTTP("PATCH", "/v1/tenant", .token = in, .body = "{\"name\":\"x\"}", .headers = { page });
	sql("ROLLBACK");
	const struct {
		int status;
		struct http_reply reply;
	} cases[] = {
		{ 200, HTTP("GET", "/v1/tenant", .token = in, .headers = { page }) },
		{ 200, HTTP("HEAD", "/v1/tenant", .token = in, .headers = { page }) },
		{ 200, HTTP("GET", "/healthz", .headers = { page }) },
		{ 400, HTTP("GET", "/v1/tenant?x=1", .token = in, .headers = { page }) },
		{ 400, HTTP("GET", "/v1/%zz", .token = in, .headers = { page }) },
		{ 401, HTTP("GET", "/v1/tenant", .headers = { page }) },
		{ 404, HTTP("GET", "/v1/nothing", .token = in, .headers = { page }) },
		{ 404,
			HTTP("GET", "/v1/tenant", .token = token(someone("page"), tenant, "dev"), .headers = { page }) },
		{ 404, HTTP("GET", "/v1/data/nothing", .token = in, .headers = { page }) },
		{ 405, HTTP("PUT", "/v1/tenant", .token = in, .headers = { page }) },
		{ 413, HTTP("PATCH", "/v1/tenant", .token = in, .body = large, .headers = { page }) },
		{ 503, locked },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CU_ASSERT(http_is(&cases[i].reply, cases[i].status, NULL));
		/* Apache answers a malformed target by itself. */
		if (cases[i].status == 400 && stack_server() != SERVER_LIGHTTPD &&
			!http_header(&cases[i].reply, "traceparent"))
			continue;
		CU_ASSERT(is_open_to(&cases[i].reply, LISTED));
		CU_ASSERT_PTR_NULL(http_header(&cases[i].reply, "Access-Control-Allow-Methods"));
	}
	CU_ASSERT(lists(&locked, "Access-Control-Expose-Headers", "Retry-After"));
}

static void other_callers_are_served_as_ever(void)
{
	const char *bearer = token(someone("page"), NULL, "dev");
	struct http_reply r = HTTP("GET", "/v1/auth/me", .token = bearer);
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT(is_closed(&r));
	r = HTTP("GET", "/v1/auth/me", .token = bearer, .headers = { "Origin: https://evil.example" });
	CU_ASSERT(http_is(&r, 200, "")); /* the browser keeps the answer from the page */
	CU_ASSERT(is_closed(&r));
	r = HTTP("OPTIONS", "/v1/tenant");
	CU_ASSERT(http_is(&r, 405, "method_not_allowed"));
	CU_ASSERT(header_is(&r, "Allow", "GET, HEAD, PATCH"));
	r = HTTP("OPTIONS", "/v1/tenant", .headers = { origin(LISTED) });
	CU_ASSERT(http_is(&r, 405, "method_not_allowed")); /* a preflight asks about a method */
	r = HTTP("OPTIONS", "/v1/tenant", .headers = { "Access-Control-Request-Method: PATCH" });
	CU_ASSERT(http_is(&r, 405, "method_not_allowed"));
	r = HTTP("TRACE", "/v1/tenant", .headers = { origin(LISTED), "Access-Control-Request-Method: PATCH" });
	CU_ASSERT(http_is(&r, 405, "method_not_allowed"));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(nothing_is_said_of_origins_until_some_are_configured),
		TEST(preflight_of_every_route_is_answered_from_its_row),
		TEST(a_preflight_of_an_origin_that_is_not_listed_is_told_and_does_nothing),
		TEST(an_answer_and_every_refusal_can_be_read_by_a_listed_page),
		TEST(other_callers_are_served_as_ever),
	};
	stack_up();
	return unit_main("cors", tests, COUNT_OF(tests));
}
