/*
 * Requests that the web server refuses while it parses them, or might: a POST without Content-Length, which is
 * served, and unknown methods and everything else, which must never reach a route.
 */
#include "core/buf.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

static const char *bearer_of(const char *who)
{
	return token(who, NULL, "dev");
}

static struct http_reply bare(const char *method, const char *target, const char *bearer, const char *more)
{
	return http_rawf("%s %s HTTP/1.1\r\nHost: a\r\nX-Env: dev\r\nAuthorization: Bearer %s\r\n%s\r\n", method,
		target, bearer, more);
}

static int64_t tenants_of(const char *who)
{
	return ask_number(
		"SELECT count(*) FROM tenantd.tenants t JOIN tenantd.users u ON u.id = t.bootstrapped_by"
		" WHERE u.subject = '%s'",
		who);
}

/* curl -X POST http://…/auth/bootstrap -H "Authorization: Bearer …" -H "X-Env: dev" */
static void a_post_without_a_length_is_a_post_with_an_empty_body(void)
{
	const char *who = someone("bare"), *bearer = bearer_of(who);
	struct http_reply first = bare("POST", "/auth/bootstrap", bearer, "Connection: close\r\n");
	CU_ASSERT(http_is(&first, 200, ""));
	struct http_reply again = bare("POST", "/v1/auth/bootstrap", bearer, "Connection: close\r\n");
	CU_ASSERT(http_is(&again, 200, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&first, "tenant_id"), http_text(&again, "tenant_id"));
	CU_ASSERT_EQUAL(tenants_of(who), 1);
	struct http_reply r = http_rawf(
		"POST /v1/auth/bootstrap HTTP/1.0\r\nHost: a\r\nX-Env: dev\r\nAuthorization: Bearer %s\r\n\r\n",
		bearer);
	CU_ASSERT(http_is(&r, 200, ""));
	/* The rules of the route hold: a token, a path that takes a POST, a body where one is needed. */
	r = http_rawf("POST /v1/auth/bootstrap HTTP/1.1\r\nHost: a\r\nX-Env: dev\r\nConnection: close\r\n\r\n");
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = bare("POST", "/v1/tenant", bearer, "Connection: close\r\n");
	CU_ASSERT(http_is(&r, 405, "method_not_allowed"));
	const char *tenant = tenant_of(who);
	r = bare("POST", "/v1/onboarding/complete", token(who, tenant, "dev"), "Connection: close\r\n");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = bare("POST", "/error", bearer, "Connection: close\r\n");
	CU_ASSERT(http_is(&r, 404, "not_found"));
}

/* Whatever else comes without a length is what it says it is. */
static void no_other_method_becomes_a_post(void)
{
	static const char *const methods[] = { "PUT", "PATCH", "DELETE", "GET", "OPTIONS", "TRACE" };
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		const char *who = someone("nopost");
		struct http_reply r = bare(methods[i], "/v1/auth/bootstrap", bearer_of(who), "Connection: close\r\n");
		CU_ASSERT(http_is(&r, 405, "method_not_allowed"));
		CU_ASSERT_EQUAL(tenants_of(who), 0);
	}
}

/* T96 */
static void a_method_that_nobody_knows_is_405_with_Allow(void)
{
	static const char *const methods[] = { "get", "FOO", "post", "BREW" };
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		const char *who = someone("method");
		struct http_reply r = bare(methods[i], "/v1/auth/bootstrap", bearer_of(who), "Connection: close\r\n");
		const char *allow = http_header(&r, "Allow");
		CU_ASSERT(http_is(&r, 405, "method_not_allowed"));
		CU_ASSERT(allow && strcmp(allow, "GET, HEAD, POST, PUT, PATCH, DELETE") == 0);
		CU_ASSERT(http_text(&r, "trace_id")[0] != '\0');
		CU_ASSERT_EQUAL(tenants_of(who), 0);
	}
}

/* A client cannot say REDIRECT_STATUS: its header has another name. */
static void no_header_makes_a_refusal_or_a_post(void)
{
	static const char *const headers[] = { "REDIRECT_STATUS: 411\r\n", "Redirect-Status: 411\r\n",
		"HTTP_REDIRECT_STATUS: 411\r\n", "REDIRECT-STATUS: 501\r\n", "Redirect-Status: 400\r\n" };
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		const char *who = someone("forged"), *bearer = bearer_of(who);
		struct buf b;
		buf_init(&b, http_arena(), 128);
		buf_printf(&b, "%sConnection: close\r\n", headers[i]);
		struct http_reply r = bare("GET", "/v1/auth/bootstrap", bearer, buf_str(&b).at);
		CU_ASSERT(r.status == 405 || r.status == 400);
		CU_ASSERT_EQUAL(tenants_of(who), 0);
		r = bare("GET", "/v1/auth/me", bearer, buf_str(&b).at);
		CU_ASSERT(r.status == 200 || r.status == 400);
	}
}

/* T93: what follows such a POST is neither its body nor a request that somebody else sent. */
static void nothing_is_smuggled_behind_a_post_without_a_length(void)
{
	const char *who = someone("smuggler"), *other = someone("smuggled"), *bearer = bearer_of(who);
	struct http_reply r = http_rawf(
		"POST /v1/auth/bootstrap HTTP/1.1\r\nHost: a\r\nX-Env: dev\r\nAuthorization: Bearer %s\r\n\r\n"
		"POST /v1/auth/bootstrap HTTP/1.1\r\nHost: a\r\nX-Env: dev\r\nAuthorization: Bearer %s\r\n"
		"Content-Length: 0\r\nConnection: close\r\n\r\n",
		bearer, bearer_of(other));
	CU_ASSERT_EQUAL(r.status, 200);
	CU_ASSERT_EQUAL(tenants_of(who), 1);
	/* The connection is closed behind the first; if it is not, the second is a request of the same client like any other. */
	CU_ASSERT(tenants_of(other) <= 1);
	r = bare("POST", "/v1/auth/bootstrap", bearer, "Transfer-Encoding: identity\r\nConnection: close\r\n");
	CU_ASSERT(r.status == 400 || r.status == 501 || r.status == 405 || r.status == 200);
	r = bare("POST", "/v1/auth/bootstrap", bearer,
		"Content-Length: 0\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n");
	/* Apache reads the chunks, of which there are none. */
	CU_ASSERT_EQUAL(r.status, stack_server() == SERVER_LIGHTTPD ? 400 : 200);
	r = bare("POST", "/v1/auth/bootstrap", bearer,
		"Content-Length: 0\r\nContent-Length: 5\r\nConnection: close\r\n");
	CU_ASSERT_EQUAL(r.status, 400);
}

/* Any other refusal is a problem as well. */
static void what_the_web_server_refuses_reaches_no_route(void)
{
	const char *who = someone("refused"), *bearer = bearer_of(who);
	struct http_reply r = http_rawf(
		"GET /v1/auth/me HTTP/1.1\r\nHost: a b\r\nX-Env: dev\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n",
		bearer);
	CU_ASSERT_EQUAL(r.status, 400);
	r = http_rawf(
		"GET /v1/auth/me HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n",
		bearer);
	CU_ASSERT_EQUAL(r.status, 400);
	r = http_rawf("GET / HTTP/1.1\r\nHost: a\r\nX-Filler: %0*d\r\nConnection: close\r\n\r\n", 20000, 0);
	CU_ASSERT_EQUAL(r.status, stack_server() == SERVER_LIGHTTPD ? 431 : 400);
	r = http_rawf(
		"PUT /v1/tenant HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n");
	CU_ASSERT_EQUAL(r.status, 413);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_post_without_a_length_is_a_post_with_an_empty_body),
		TEST(no_other_method_becomes_a_post),
		TEST(a_method_that_nobody_knows_is_405_with_Allow),
		TEST(no_header_makes_a_refusal_or_a_post),
		TEST(nothing_is_smuggled_behind_a_post_without_a_length),
		TEST(what_the_web_server_refuses_reaches_no_route),
	};
	stack_up();
	return unit_main("bare", tests, COUNT_OF(tests));
}
