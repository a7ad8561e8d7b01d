/* The strict decoder of the request target: what is refused, and whether with 400 or with 404. */
#include "http/path.h"
#include "test_http.h"

static struct path path;
static struct str authority;
static struct error err;

/* 200, or the status of the refusal. */
static int verdict(struct str target)
{
	err = (struct error)ERROR_INIT;
	return path_parse(&path, arena, target, &authority, &err) ? 200 : error_info(err.code)->status;
}

static void target_is_split_into_segments_and_pairs(void)
{
	CU_ASSERT_EQUAL(verdict(STR("/v1/data/budgets?select=id,name&amount=gt.5&amount=lt.9&flag")), 200);
	CU_ASSERT_EQUAL_FATAL(path.segment_count, 3);
	CHECK_STR(path.raw, "/v1/data/budgets");
	CHECK_STR(path.segments[0], "v1");
	CHECK_STR(path.segments[2], "budgets");
	CHECK_STR(path.query_raw, "select=id,name&amount=gt.5&amount=lt.9&flag");
	CU_ASSERT_EQUAL_FATAL(path.query_count, 4);
	CHECK_STR(path.query[0].name, "select");
	CHECK_STR(path.query[0].value, "id,name");
	CHECK_STR(path.query[2].name, "amount");
	CHECK_STR(path.query[2].value, "lt.9");
	CHECK_STR(path.query[3].name, "flag");
	CHECK_STR(path.query[3].value, "");
	CHECK_STR(authority, "");
}

static void root_has_no_segment(void)
{
	CU_ASSERT_EQUAL(verdict(STR("/")), 200);
	CU_ASSERT_EQUAL(path.segment_count, 0);
	CU_ASSERT_EQUAL(verdict(STR("/?")), 200);
	CU_ASSERT_EQUAL(path.query_count, 0);
}

static void escapes_are_decoded_once(void)
{
	CU_ASSERT_EQUAL(verdict(STR("/v1/a%20b/%C3%A9%3Bx?q=%2527&a%3Db=c%26d+e&w=%2B")), 200);
	CHECK_STR(path.segments[1], "a b");
	CHECK_STR(path.segments[2], "\xc3\xa9;x");
	CHECK_STR(path.query[0].value, "%27");
	CHECK_STR(path.query[1].name, "a=b");
	CHECK_STR(path.query[1].value, "c&d e");
	CHECK_STR(path.query[2].value, "+");
}

static void plus_in_the_path_is_a_plus(void)
{
	CU_ASSERT_EQUAL(verdict(STR("/a+b")), 200);
	CHECK_STR(path.segments[0], "a+b");
}

static void empty_pairs_are_no_pairs(void)
{
	CU_ASSERT_EQUAL(verdict(STR("/a?&&b=1&")), 200);
	CU_ASSERT_EQUAL(path.query_count, 1);
	CU_ASSERT_EQUAL(verdict(STR("/a?=1")), 400);
}

static void ambiguous_targets_are_refused(void) /* T92 */
{
	static const char *const bad[] = { "/a%2Fb", "/a%2fb", "/a%5Cb", "/a\\b", "/a;b", "/%zz", "/%4", "/%",
		"/%ff", "/%C3", "/%C0%AF", "/%ED%A0%80", "/a#b", "/a?b#c", "/%2e", "/%2e%2e/x", "/.%2e/", "/%252e",
		"/a b", "/a\tb", "/a\x7f", "/a\xc3\xa9", "/a%0d%0aX: y", "/a%7f", "", "a", "*", "?a=b", "//%zz",
		"/a?b=\xff", "/a?b=%ff", "/a?b=c d", "/a?b=%", "/a?%zz=1" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		int got = verdict(str_c(bad[i]));
		CU_ASSERT_EQUAL(got, 400);
		if (got != 400)
			printf("\n    %d for \"%s\"\n", got, bad[i]);
	}
}

static void paths_with_empty_or_dot_segments_do_not_exist(void) /* T92 */
{
	static const char *const absent[] = { "//", "/a//b", "/a/", "//a", "/./a", "/a/.", "/a/..", "/../a",
		"/a/../b", "/a/?b=c" };
	for (size_t i = 0; i < COUNT_OF(absent); i++)
		CU_ASSERT_EQUAL(verdict(str_c(absent[i])), 404);
	CU_ASSERT_EQUAL(verdict(STR("/a.b/...")), 200);
}

static void nul_is_refused_wherever_it_stands(void) /* T93 */
{
	CU_ASSERT_EQUAL(verdict(STR("/a%00")), 400);
	CU_ASSERT_EQUAL(verdict(STR("/a%00.html")), 400);
	CU_ASSERT_EQUAL(verdict(STR("/a?b=%00")), 400);
	CU_ASSERT_EQUAL(verdict(STR("/a?%00=b")), 400);
	CU_ASSERT_EQUAL(verdict(STR("/a\0b")), 400);
}

static void absolute_target_gives_its_authority(void) /* T94 */
{
	CU_ASSERT_EQUAL(verdict(STR("http://acme.example:8000/v1/x?y=z")), 200);
	CHECK_STR(authority, "acme.example:8000");
	CHECK_STR(path.raw, "/v1/x");
	CU_ASSERT_EQUAL(path.query_count, 1);
	CU_ASSERT_EQUAL(verdict(STR("HTTPS://a/")), 200);
	static const char *const bad[] = { "http://", "http:///x", "http://a", "http://a?b", "http://u@a/x",
		"ftp://a/x", "http:/x", "https:x", "http://a\\b/x", "http://a b/x", "http://a?b/x", "://a/x" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_EQUAL(verdict(str_c(bad[i])), 400);
}

static void target_is_bounded(void)
{
	char target[LIMIT_URI + 2];
	memset(target, 'a', sizeof(target));
	target[0] = '/';
	CU_ASSERT_EQUAL(verdict(str_of(target, LIMIT_URI)), 200);
	CU_ASSERT_EQUAL(verdict(str_of(target, LIMIT_URI + 1)), 400);
	for (size_t i = 0; i < 2 * LIMIT_PATH_SEGMENTS; i++)
		target[i] = i % 2 ? 'a' : '/';
	CU_ASSERT_EQUAL(verdict(str_of(target, 2 * LIMIT_PATH_SEGMENTS)), 200);
	CU_ASSERT_EQUAL(path.segment_count, LIMIT_PATH_SEGMENTS);
	memcpy(target + 2 * LIMIT_PATH_SEGMENTS, "/b", 2);
	CU_ASSERT_EQUAL(verdict(str_of(target, 2 * LIMIT_PATH_SEGMENTS + 2)), 400);
	target[1] = '?';
	for (size_t i = 0; i <= LIMIT_QUERY_PAIRS; i++)
		memcpy(target + 2 + 2 * i, "a&", 2);
	CU_ASSERT_EQUAL(verdict(str_of(target, 2 + 2 * LIMIT_QUERY_PAIRS)), 200);
	CU_ASSERT_EQUAL(path.query_count, LIMIT_QUERY_PAIRS);
	CU_ASSERT_EQUAL(verdict(str_of(target, 2 + 2 * LIMIT_QUERY_PAIRS + 2)), 400);
}

const struct unit_test path_tests[] = {
	TEST(target_is_split_into_segments_and_pairs),
	TEST(root_has_no_segment),
	TEST(escapes_are_decoded_once),
	TEST(plus_in_the_path_is_a_plus),
	TEST(empty_pairs_are_no_pairs),
	TEST(ambiguous_targets_are_refused),
	TEST(paths_with_empty_or_dot_segments_do_not_exist),
	TEST(nul_is_refused_wherever_it_stands),
	TEST(absolute_target_gives_its_authority),
	TEST(target_is_bounded),
};
const size_t path_test_count = COUNT_OF(path_tests);
