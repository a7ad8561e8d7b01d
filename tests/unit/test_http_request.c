/* From CGI parameters to a request: what is kept, what is refused and with which status. */
#include "http/request.h"
#include "test_http.h"

#define P(n, v)                                                                                              \
	{                                                                                                        \
		STR(n), STR(v)                                                                                       \
	}
#define PARSE(...)                                                                                           \
	parse((const struct param[]){ __VA_ARGS__ },                                                             \
		sizeof((const struct param[]){ __VA_ARGS__ }) / sizeof(struct param))
#define GET P("REQUEST_METHOD", "GET"), P("REQUEST_URI", "/v1/x?a=1&b=&a=2")
#define POST P("REQUEST_METHOD", "POST"), P("REQUEST_URI", "/v1/x")

static struct request req;
static struct error err;
static size_t length;

/* 200, or the status of the refusal. */
static int parse(const struct param *params, size_t count)
{
	err = (struct error)ERROR_INIT;
	return request_parse(&req, arena, params, count, 1000, &length, &err) ? 200
																		  : error_info(err.code)->status;
}

static void what_tenantd_reads_is_kept(void)
{
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_AUTHORIZATION", "Bearer x.y.z"), P("HTTP_X_TENANT_ID", " t1 "),
						P("HTTP_X_ENV", "dev"), P("REMOTE_ADDR", "::1"), P("HTTPS", "on"),
						P("CONTENT_TYPE", "text/plain"), P("HTTP_ACCEPT", "")),
		200);
	CU_ASSERT_EQUAL(req.method, METHOD_GET);
	CHECK_STR(req.method_text, "GET");
	CHECK_STR(req.headers[HEADER_AUTHORIZATION], "Bearer x.y.z");
	CHECK_STR(req.headers[HEADER_TENANT_ID], "t1");
	CHECK_STR(req.headers[HEADER_ENV], "dev");
	CHECK_STR(req.headers[HEADER_CONTENT_TYPE], "text/plain");
	CHECK_STR(req.headers[HEADER_ACCEPT], "");
	CHECK_STR(req.headers[HEADER_COOKIE], "");
	CHECK_STR(req.peer, "::1");
	CU_ASSERT_TRUE(req.is_https);
	CU_ASSERT_FALSE(req.has_body);
	CHECK_STR(req.path.segments[1], "x");
	CHECK_STR(str_c(header_name(HEADER_TENANT_ID)), "x-tenant-id");
	CHECK_STR(str_c(method_name(METHOD_PATCH)), "PATCH");
}

static void spoofed_remote_user_is_not_looked_at(void) /* T32 */
{
	CU_ASSERT_EQUAL(
		PARSE(GET, P("HTTP_REMOTE_USER", "root"), P("REMOTE_USER", "root"), P("AUTH_TYPE", "Basic")), 200);
	for (size_t h = 0; h < HEADER_COUNT; h++)
		CHECK_STR(req.headers[h], "");
}

static void method_is_known_in_its_own_case_only(void) /* T96 */
{
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "DELETE"), P("REQUEST_URI", "/")), 200);
	CU_ASSERT_EQUAL(req.method, METHOD_DELETE);
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "OPTIONS"), P("REQUEST_URI", "/")), 200);
	CU_ASSERT_EQUAL(req.method, METHOD_OTHER);
	CHECK_STR(req.method_text, "OPTIONS");
	/* One answer, whatever the target is: lighttpd does not tell it. */
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "get"), P("REQUEST_URI", "/")), 405);
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "TRACE"), P("REQUEST_URI", "//")), 405);
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "FOO"), P("REQUEST_URI", "/")), 405);
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", ""), P("REQUEST_URI", "/")), 400);
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_URI", "/")), 400);
}

/* Requests that lighttpd refused and passed on by its error-handler. A client's header cannot have that name. */
static void refusals_of_the_web_server_are_said_and_not_routed(void)
{
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "200")), 200);
	CU_ASSERT_EQUAL(req.method, METHOD_GET);
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "411"), P("CONTENT_LENGTH", "0")), 200);
	CU_ASSERT_EQUAL(req.method, METHOD_POST);
	CHECK_STR(req.method_text, "POST");
	CU_ASSERT_FALSE(req.has_body);
	CU_ASSERT_EQUAL(PARSE(POST, P("REDIRECT_STATUS", "411")), 400);
	/* By HTTP/2 there may be a body, of which lighttpd does not tell. */
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "411"), P("SERVER_PROTOCOL", "HTTP/2.0")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "411"), P("CONTENT_LENGTH", "1")), 400);
	CU_ASSERT_EQUAL(
		PARSE(P("REQUEST_METHOD", "GET"), P("REQUEST_URI", ""), P("REDIRECT_STATUS", "501")), 405);
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "405")), 405);
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "413")), 413);
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "400"), P("CONTENT_LENGTH", "7")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "413"), P("CONTENT_LENGTH", "99999999999")), 413);
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "414")), 431);
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "431")), 431);
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "499")), 400);
	/* A worker may have done what it did not answer; a request that no worker took is not done. */
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "500")), 503);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "may or may not have been made"));
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "502")), 503);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "may or may not have been made"));
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "504")), 503);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "may or may not have been made"));
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "503")), 503);
	CU_ASSERT_STRING_EQUAL(err.detail, "");
	CU_ASSERT_EQUAL(PARSE(GET, P("REDIRECT_STATUS", "x")), 503);
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_REDIRECT_STATUS", "411")), 200);
	CU_ASSERT_EQUAL(req.method, METHOD_GET);
}

static void request_without_target_is_refused(void)
{
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "GET")), 400);
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "GET"), P("REQUEST_URI", "")), 400);
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "GET"), P("REQUEST_URI", "/a//b")), 404);
}

static void repeated_parameter_is_refused(void) /* T88, T23 */
{
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_X_TENANT_ID", "a"), P("HTTP_X_TENANT_ID", "b")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_X_TENANT_ID", "a"), P("HTTP_X_TENANT_ID", "a")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_FOO", "a"), P("HTTP_FOO", "a")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("REQUEST_URI", "/other")), 400);
}

static void header_given_twice_is_refused(void) /* T22 */
{
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_X_TENANT_ID", "a, b")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_X_TENANT_SLUG", "a,b")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_X_ENV", "dev, dev")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_ACCEPT", "a, b")), 200);
}

static void malformed_parameter_is_refused(void) /* T88 */
{
	CU_ASSERT_EQUAL(PARSE(GET, P("", "x")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_A=B", "x")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_A\0B", "x")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_A", "x\0y")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("OTHER", "\0")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_COOKIE", "a\r\nb")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("HTTP_COOKIE", "a\tb")), 200);
}

static void headers_are_bounded(void) /* T100 */
{
	static char big[LIMIT_HEADER_VALUE + 1], names[REQUEST_PARAMS + 1][24];
	struct param params[REQUEST_PARAMS + 1] = { GET };
	memset(big, 'x', sizeof(big));
	params[2] = (struct param){ STR("HTTP_FOO"), str_of(big, LIMIT_HEADER_VALUE) };
	CU_ASSERT_EQUAL(parse(params, 3), 200);
	params[2].value.len++;
	CU_ASSERT_EQUAL(parse(params, 3), 431);
	params[2].name = STR("CONTENT_TYPE");
	CU_ASSERT_EQUAL(parse(params, 3), 431);
	for (size_t i = 2; i < COUNT_OF(params); i++) {
		int n = snprintf(names[i], sizeof(names[i]), "HTTP_%zu", i);
		params[i] = (struct param){ str_of(names[i], (size_t)n), STR("x") };
	}
	CU_ASSERT_EQUAL(parse(params, 2 + LIMIT_HEADERS), 200);
	CU_ASSERT_EQUAL(parse(params, 2 + LIMIT_HEADERS + 1), 431);
	for (size_t i = 2; i < COUNT_OF(params); i++)
		names[i][0] = 'X';
	CU_ASSERT_EQUAL(parse(params, REQUEST_PARAMS), 200);
	CU_ASSERT_EQUAL(parse(params, REQUEST_PARAMS + 1), 431);
}

static void content_length_is_a_number_within_the_bound(void) /* T100 */
{
	CU_ASSERT_EQUAL(PARSE(POST, P("CONTENT_LENGTH", "1000")), 200);
	CU_ASSERT_EQUAL(length, 1000);
	CU_ASSERT_TRUE(req.has_body);
	CU_ASSERT_EQUAL(PARSE(POST, P("CONTENT_LENGTH", "1001")), 413);
	CU_ASSERT_EQUAL(PARSE(POST, P("CONTENT_LENGTH", "")), 200);
	CU_ASSERT_EQUAL(length, 0);
	static const char *const bad[] = { "-1", "+1", " 1", "1 ", "0x1", "1e2", "1,1", "99999999999999999999" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_EQUAL(PARSE(POST, { STR("CONTENT_LENGTH"), str_c(bad[i]) }), 400);
}

static void ambiguous_body_is_refused(void) /* T97 */
{
	CU_ASSERT_EQUAL(PARSE(POST, P("CONTENT_LENGTH", "5"), P("HTTP_TRANSFER_ENCODING", "chunked")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("CONTENT_LENGTH", "5")), 400);
	CU_ASSERT_EQUAL(PARSE(GET, P("CONTENT_LENGTH", "0")), 200);
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "HEAD"), P("REQUEST_URI", "/"), P("CONTENT_LENGTH", "5")), 400);
	CU_ASSERT_EQUAL(
		PARSE(P("REQUEST_METHOD", "DELETE"), P("REQUEST_URI", "/"), P("CONTENT_LENGTH", "5")), 200);
}

static void absolute_target_must_agree_with_host(void) /* T94 */
{
	const struct param uri = P("REQUEST_URI", "http://a.example/x");
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "GET"), uri, P("HTTP_HOST", "A.example")), 200);
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "GET"), uri, P("HTTP_HOST", "b.example")), 400);
	CU_ASSERT_EQUAL(PARSE(P("REQUEST_METHOD", "GET"), uri), 200);
	CHECK_STR(req.headers[HEADER_HOST], "a.example");
}

static bool has_json_type(const char *value)
{
	struct param type = { STR("CONTENT_TYPE"), str_c(value) };
	return PARSE(POST, type) == 200 && request_has_type(&req, STR("application/json"));
}

static void media_type_is_compared_without_its_parameters(void) /* T81 */
{
	CU_ASSERT_TRUE(has_json_type("application/json"));
	CU_ASSERT_TRUE(has_json_type("Application/JSON ; charset=UTF-8"));
	CU_ASSERT_TRUE(has_json_type("application/json;x=y; charset=\"utf-8\""));
	CU_ASSERT_FALSE(has_json_type("application/json; charset=utf-16"));
	CU_ASSERT_FALSE(has_json_type("application/json; charset=utf-8; charset=latin1"));
	CU_ASSERT_FALSE(has_json_type("application/jsonx"));
	CU_ASSERT_FALSE(has_json_type("text/plain"));
	CU_ASSERT_FALSE(has_json_type(""));
}

static void query_parameters_are_found_and_counted(void)
{
	struct str value;
	CU_ASSERT_EQUAL(PARSE(GET), 200);
	CU_ASSERT_TRUE(request_query(&req, STR("a"), &value));
	CHECK_STR(value, "1");
	CU_ASSERT_EQUAL(request_query_count(&req, STR("a")), 2);
	CU_ASSERT_TRUE(request_query(&req, STR("b"), &value));
	CHECK_STR(value, "");
	CU_ASSERT_FALSE(request_query(&req, STR("A"), &value));
	CU_ASSERT_EQUAL(request_query_count(&req, STR("A")), 0);
}

const struct unit_test request_tests[] = {
	TEST(what_tenantd_reads_is_kept),
	TEST(spoofed_remote_user_is_not_looked_at),
	TEST(method_is_known_in_its_own_case_only),
	TEST(refusals_of_the_web_server_are_said_and_not_routed),
	TEST(request_without_target_is_refused),
	TEST(repeated_parameter_is_refused),
	TEST(header_given_twice_is_refused),
	TEST(malformed_parameter_is_refused),
	TEST(headers_are_bounded),
	TEST(content_length_is_a_number_within_the_bound),
	TEST(ambiguous_body_is_refused),
	TEST(absolute_target_must_agree_with_host),
	TEST(media_type_is_compared_without_its_parameters),
	TEST(query_parameters_are_found_and_counted),
};
const size_t request_test_count = COUNT_OF(request_tests);
