/* The printed answer, byte for byte, and problem documents. */
#include "http/media_type.h"
#include "http/problem.h"
#include "test_http.h"

#include <sys/wait.h>
#include <unistd.h>

static struct response res;

static void media_types_are_held_to_their_grammar(void)
{
	static const struct str good[] = { STR("a/b"), STR("text/plain;charset=utf-8"),
		STR("a/b ; c=\"\\\"; d\" ;e=f"), STR("application/vnd.a-b+json") };
	static const struct str bad[] = { STR(""), STR("a"), STR("/"), STR("a/"), STR("/b"), STR("a/b/c"),
		STR("a/b;"), STR("a/b; c"), STR("a/b; c="), STR("a/b; c=\"d"), STR("a/b; c=\"\\"), STR("a/b, c/d"),
		STR("a/b\r\nX: y"), STR("a/b;\tc=d"), STR("a/b; c=\"\x7f\""), STR("a/b; c=\"\xc3\xa4\""), STR("a /b"),
		STR("a/ b"), STR("a/b\0") };
	char most[MEDIA_TYPE_MAX + 1];
	for (size_t i = 0; i < COUNT_OF(good); i++)
		CU_ASSERT(media_type_is_well_formed(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT(!media_type_is_well_formed(bad[i]));
	memset(most, 'a', sizeof(most));
	most[1] = '/';
	CU_ASSERT(media_type_is_well_formed(str_of(most, MEDIA_TYPE_MAX)));
	CU_ASSERT(!media_type_is_well_formed(str_of(most, MEDIA_TYPE_MAX + 1)));
}

static void media_types_that_a_browser_runs_are_known(void)
{
	static const struct str active[] = { STR("text/html"), STR("Text/HTML ;a=b"), STR("image/svg+XML"),
		STR("a/xml"), STR("text/javascript1.5"), STR("application/x-javascript"),
		STR("multipart/x-mixed-replace;boundary=a") };
	static const struct str idle[] = { STR("text/plain"), STR("image/png"), STR("application/json"),
		STR("a/xmlish"), STR("application/vnd.openxmlformats-officedocument"), STR("text/x; a=html"),
		STR("html/x") };
	for (size_t i = 0; i < COUNT_OF(active); i++)
		CU_ASSERT(media_type_is_active(active[i]));
	for (size_t i = 0; i < COUNT_OF(idle); i++)
		CU_ASSERT(!media_type_is_active(idle[i]));
}

static void json_answer_is_printed_whole(void)
{
	response_init(&res, arena);
	response_json(&res, 201, STR("{\"a\":1}"));
	response_header(&res, "Location", STR("/v1/x/1"));
	CHECK_STR(response_print(&res),
		"Status: 201 Created\r\nContent-Type: application/json\r\nLocation: /v1/x/1\r\n"
		"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

static void head_answer_has_the_length_but_no_body(void)
{
	response_init(&res, arena);
	response_json(&res, 200, STR("12345678901"));
	response_header(&res, "cache-control", STR("max-age=5"));
	res.is_head = true;
	CHECK_STR(response_print(&res),
		"Status: 200 OK\r\nContent-Type: application/json\r\ncache-control: max-age=5\r\n"
		"X-Content-Type-Options: nosniff\r\nContent-Length: 11\r\n\r\n");
}

static void answers_without_content_have_no_length(void)
{
	response_init(&res, arena);
	response_empty(&res, 204);
	CHECK_STR(response_print(&res),
		"Status: 204 No Content\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n");
	response_empty(&res, 404);
	CHECK_STR(response_print(&res),
		"Status: 404 Not Found\r\nCache-Control: no-store\r\n"
		"X-Content-Type-Options: nosniff\r\nContent-Length: 0\r\n\r\n");
	response_empty(&res, 431);
	CU_ASSERT_TRUE(str_starts(response_print(&res), STR("Status: 431 \r\n")));
}

static void reset_forgets_everything(void)
{
	response_init(&res, arena);
	response_json(&res, 200, STR("[]"));
	response_header(&res, "ETag", STR("\"1\""));
	CU_ASSERT_TRUE(response_has(&res, "etag"));
	response_reset(&res);
	CU_ASSERT_FALSE(response_has(&res, "etag"));
	CU_ASSERT_TRUE(str_is_empty(res.body));
	CU_ASSERT_PTR_NULL(res.content_type);
}

/* The status with which a child ends that adds this header. */
static bool adding_aborts(struct str value)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		response_init(&res, arena);
		response_header(&res, "Location", value);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status);
}

static void header_value_cannot_break_the_line(void) /* T98 */
{
	CU_ASSERT_TRUE(adding_aborts(STR("x\r\nSet-Cookie: y")));
	CU_ASSERT_TRUE(adding_aborts(STR("x\ny")));
	CU_ASSERT_TRUE(adding_aborts(STR("x\0y")));
	CU_ASSERT_FALSE(adding_aborts(STR("x y")));
}

static void answer_above_the_bound_is_a_bare_500(void)
{
	static char byte;
	response_init(&res, arena);
	response_json(&res, 200, str_of(&byte, (size_t)LIMIT_RESPONSE + 1)); /* never read */
	struct str printed = response_print(&res);
	CU_ASSERT_TRUE(str_starts(printed, STR("Status: 500 ")));
	CU_ASSERT_TRUE(str_ends(printed, STR("Content-Length: 0\r\n\r\n")));
}

static struct str header_value(const char *name)
{
	for (size_t i = 0; i < res.header_count; i++)
		if (strcmp(res.headers[i].name, name) == 0)
			return res.headers[i].value;
	return STR("");
}

static void problem_tells_the_caller_and_hides_the_operator(void)
{
	struct error err = ERROR_INIT;
	response_init(&res, arena);
	error_log(&err, ERR_INTERNAL, "%s", "relation \"secret\" does not exist");
	problem_render(&res, &err, "0af7651916cd43dd8448eb211c80319c");
	CHECK_STR(res.body,
		"{\"type\":\"urn:problem-type:tenantd:internal\",\"title\":\"Internal error\","
		"\"status\":500,\"code\":\"internal\",\"message\":\"Internal "
		"error\",\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"}");
	CU_ASSERT_EQUAL(res.status, 500);
	CHECK_STR(str_c(res.content_type), "application/problem+json");
}

static void problem_names_the_refused_fields(void)
{
	struct error err = ERROR_INIT;
	response_init(&res, arena);
	response_header(&res, "Allow", STR("GET"));
	error_field(&err, STR("na\"me"), "is too long");
	error_field(&err, STR("role"), "is unknown");
	problem_render(&res, &err, "t");
	CU_ASSERT_TRUE(str_ends(res.body,
		STR("\"errors\":[{\"field\":\"na\\\"me\",\"detail\":\"is too long\"},"
			"{\"field\":\"role\",\"detail\":\"is unknown\"}]}")));
	CU_ASSERT_EQUAL(res.status, 400);
	CHECK_STR(header_value("Allow"), "GET");
}

static void largest_problem_fits(void)
{
	struct error err = ERROR_INIT;
	char text[ERROR_TEXT];
	memset(text, 1, sizeof(text) - 1); /* six bytes each as JSON */
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < ERROR_FIELDS; i++)
		error_field(&err, str_of(text, ERROR_NAME - 1), "%s", text);
	memcpy(err.detail, text, sizeof(text));
	response_init(&res, arena);
	problem_render(&res, &err, "t");
	CU_ASSERT_TRUE(str_ends(res.body, STR("]}")));
}

static void problem_adds_the_headers_its_status_asks_for(void)
{
	struct error err = ERROR_INIT;
	response_init(&res, arena);
	error_set(&err, ERR_UNAUTHENTICATED, "%s", "no token");
	problem_render(&res, &err, "t");
	CHECK_STR(header_value("WWW-Authenticate"), "Bearer");
	response_reset(&res);
	error_set(&err, ERR_TOKEN_EXPIRED, "%s", "");
	problem_render(&res, &err, "t");
	CU_ASSERT_TRUE(str_starts(header_value("WWW-Authenticate"), STR("Bearer error=\"invalid_token\"")));
	response_reset(&res);
	error_set(&err, ERR_UNAVAILABLE, "%s", "");
	problem_render(&res, &err, "t");
	CHECK_STR(header_value("Retry-After"), "1");
	problem_render(&res, &err, "t");
	CU_ASSERT_EQUAL(res.header_count, 1);
}

const struct unit_test response_tests[] = {
	TEST(media_types_are_held_to_their_grammar),
	TEST(media_types_that_a_browser_runs_are_known),
	TEST(json_answer_is_printed_whole),
	TEST(head_answer_has_the_length_but_no_body),
	TEST(answers_without_content_have_no_length),
	TEST(reset_forgets_everything),
	TEST(header_value_cannot_break_the_line),
	TEST(answer_above_the_bound_is_a_bare_500),
	TEST(problem_tells_the_caller_and_hides_the_operator),
	TEST(problem_names_the_refused_fields),
	TEST(largest_problem_fits),
	TEST(problem_adds_the_headers_its_status_asks_for),
};
const size_t response_test_count = COUNT_OF(response_tests);
