/* What the strict parser refuses (T75 to T78), and what the getters refuse to convert. */
#include "test_core.h"

#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/limits.h"

static bool is_accepted(struct str text)
{
	const char *why = NULL;
	bool ok = json_accept(text, &why);
	CU_ASSERT_PTR_NOT_NULL(why);
	struct arena *a = arena_new(1024);
	struct error err = ERROR_INIT;
	CU_ASSERT_EQUAL(json_parse(a, text, &err) != NULL, ok);
	CU_ASSERT_EQUAL(err.code, ok ? ERR_NONE : ERR_INVALID_REQUEST);
	arena_free(a);
	return ok;
}

static void documents_of_rfc8259_are_accepted(void)
{
	static const char *const good[] = { "{}", "[]", "null", " true\n", "false", "0", "-0", "-0.0e-0", "1E+9",
		"1e400", "12.5", "\"\"", "\"\\ud83d\\ude00 \\u00e9 \\/ \\b\"", "\"\x7f\"", "\"\xf0\x9f\x98\x80\"",
		"{\"\":{\"\":[{\"\":1},{\"\":2}]}}", "{\"a\":1,\"A\":2,\"a \":3}", "[1 , 2\t,\r\n3]",
		"123456789012345678901234567890", "{\"a\\\"b\":1,\"a\":2}",
		"[\"9223372036854775808\\\\\", 9223372036854775808]" };
	for (size_t i = 0; i < COUNT_OF(good); i++)
		CU_ASSERT(is_accepted(str_c(good[i])));
}

/* T75, T78 */
static void what_json_c_lets_through_is_refused(void)
{
	static const char *const bad[] = { "", " ", "{\"a\":1,\"a\":2}", "{\"a\":1,\"b\":{},\"\\u0061\":2}",
		"{\"\\u00e9\":1,\"\xc3\xa9\":2}", "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\uDE00\":2}", "{} {}", "{}x",
		"1 2", "nan", "NaN", "Infinity", "-Infinity", "'a'", "{'a':1}", "{a:1}", "{\"a\"}", "{\"a\":}",
		"{\"a\":1,}", "[1,]", "[,1]", "[1 2]", "[1}", "[", "{", "\"", "\"\\", "\"\\u12", "\"\\x41\"",
		"\"\\u0000\"", "{\"\\u0000\":1}", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"",
		"\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xff\"", "\"a\nb\"", "\"\t\"", "\xef\xbb\xbf{}", "// c\n1",
		"/* c */1", "TRUE", "True", "nul", "01", "-", "+1", ".5", "1.", "1.e1", "1e", "1e+", "0x10", "--1",
		"1_000", "\v1", "\xc2\xa0null", "[1]]", "truefalse" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_FALSE(is_accepted(str_c(bad[i])));
	CU_ASSERT_FALSE(is_accepted(STR("{}\0")));
	CU_ASSERT_FALSE(is_accepted(STR("\"a\0b\"")));
	CU_ASSERT_FALSE(is_accepted(STR("\"\\\0\"")));
	CU_ASSERT_FALSE(is_accepted(STR("1\0")));
}

/* T76 */
static void depth_is_bounded(void)
{
	char text[2 * LIMIT_JSON_DEPTH + 2];
	for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
		text[i] = '[', text[2 * LIMIT_JSON_DEPTH - 1 - i] = ']';
	CU_ASSERT(is_accepted((struct str){ text, 2 * LIMIT_JSON_DEPTH }));
	for (int i = 0; i <= LIMIT_JSON_DEPTH; i++)
		text[i] = '[', text[2 * LIMIT_JSON_DEPTH + 1 - i] = ']';
	CU_ASSERT_FALSE(is_accepted((struct str){ text, sizeof(text) }));
	char *deep = malloc(1000000);
	if (!deep)
		abort();
	memset(deep, '[', 1000000);
	CU_ASSERT_FALSE(is_accepted((struct str){ deep, 1000000 }));
	free(deep);
}

/* An object of `names` names; `last` is the last one. */
static struct str big_object(struct arena *a, int names, const char *last)
{
	struct buf b;
	buf_init(&b, a, 4 * 1024 * 1024);
	buf_add_char(&b, '{');
	for (int i = 0; i < names; i++)
		buf_printf(&b, "\"%x\":1,", (unsigned)i);
	buf_printf(&b, "\"%s\":1}", last);
	CU_ASSERT(buf_ok(&b));
	return buf_str(&b);
}

static void duplicates_are_found_among_many_names_in_linear_time(void)
{
	struct arena *a = arena_new(1024);
	const char *why;
	static const int sizes[] = { 1, 40, 47, 48, 49, 64, 200, 3000 };
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		CU_ASSERT(json_accept(big_object(a, sizes[i], "x"), &why));
		CU_ASSERT_FALSE(json_accept(big_object(a, sizes[i], "0"), &why));
		CU_ASSERT_FALSE(json_accept(big_object(a, sizes[i], "\\u0030"), &why));
	}
	int64_t start = clock_mono_us();
	CU_ASSERT(json_accept(big_object(a, 110000, "x"), &why));
	CU_ASSERT_FALSE(json_accept(big_object(a, 110000, "1adaf"), &why));
	CU_ASSERT(clock_mono_us() - start < 5000000); /* pairs compared would take minutes */
	arena_free(a);
}

/* T77 */
static void numbers_are_neither_coerced_nor_clamped(void)
{
	struct arena *a = arena_new(1024);
	struct error err = ERROR_INIT;
	const struct json *v = json_parse(a,
		STR("[9223372036854775807, -9223372036854775808, 0, -0, 9223372036854775808, -9223372036854775809,"
			"18446744073709551616, 1000000000000000000000000000000, 1e400, 1e3, 1.0, \"12\", true, null, "
			"[1]]"),
		&err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(v);
	static const int64_t expected[] = { INT64_MAX, INT64_MIN, 0, 0 };
	CU_ASSERT_EQUAL(json_count(v), 15);
	for (size_t i = 0; i < json_count(v); i++) {
		int64_t n = 42;
		bool ok = json_int64(json_at(v, i, NULL), &n);
		CU_ASSERT_EQUAL(ok, i < COUNT_OF(expected));
		CU_ASSERT_EQUAL(n, ok ? expected[i] : 42);
	}
	CU_ASSERT_EQUAL(json_kind(json_at(v, 6, NULL)), JSON_NUMBER);
	arena_free(a);
}

static void a_wide_integer_changes_no_other_value(void)
{
	struct arena *a = arena_new(1024);
	struct error err = ERROR_INIT;
	struct str s;
	int64_t n;
	const struct json *v = json_parse(a,
		STR("{\"s\":\"\\\"9223372036854775808\\\\\",\"w\":-9999999999999999999,\"n\":7,\"t\":"
			"\"9223372036854775808\"}"),
		&err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(v);
	CU_ASSERT(json_string(json_get(v, STR("s")), &s) && str_eq(s, STR("\"9223372036854775808\\")));
	CU_ASSERT(json_string(json_get(v, STR("t")), &s) && str_eq(s, STR("9223372036854775808")));
	CU_ASSERT_FALSE(json_int64(json_get(v, STR("w")), &n));
	CU_ASSERT(json_int64(json_get(v, STR("n")), &n) && n == 7);
	CU_ASSERT_PTR_NOT_NULL(json_parse(a, STR("99999999999999999999"), &err));
	arena_free(a);
}

static void getters_check_kinds_and_tell_null_from_absent(void)
{
	struct arena *a = arena_new(1024);
	struct error err = ERROR_INIT;
	struct str s;
	bool b = false;
	int64_t n;
	const struct json *v = json_parse(a,
		STR("{\"app_metadata\":{\"tenant_id\":\"t\"},\"none\":null,\"yes\":true,\"one\":\"1\",\"no\":"
			"\"false\"}"),
		&err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(v);
	CU_ASSERT(json_string(json_path(v, STR("app_metadata.tenant_id")), &s) && str_eq(s, STR("t")));
	CU_ASSERT_PTR_NULL(json_path(v, STR("app_metadata.tenant_id.x")));
	CU_ASSERT_PTR_NULL(json_path(v, STR("app_metadata..x")));
	CU_ASSERT_PTR_NULL(json_get(v, STR("none\0")));
	CU_ASSERT_PTR_NOT_NULL(json_get(v, STR("none")));
	CU_ASSERT_EQUAL(json_kind(json_get(v, STR("none"))), JSON_NULL);
	CU_ASSERT_PTR_NULL(json_get(json_get(v, STR("none")), STR("x")));
	CU_ASSERT_FALSE(json_string(json_get(v, STR("none")), &s));
	CU_ASSERT_FALSE(json_string(NULL, &s));
	CU_ASSERT(json_bool(json_get(v, STR("yes")), &b) && b);
	CU_ASSERT_FALSE(json_bool(json_get(v, STR("no")), &b));
	CU_ASSERT_FALSE(json_int64(json_get(v, STR("one")), &n));
	CU_ASSERT_FALSE(json_int64(json_get(v, STR("yes")), &n));
	CU_ASSERT_EQUAL(json_count(json_get(v, STR("one"))), 0);
	CU_ASSERT_EQUAL(json_kind(json_parse(a, STR("null"), &err)), JSON_NULL);
	arena_free(a);
}

static void members_come_in_the_order_of_the_document(void)
{
	struct arena *a = arena_new(1024);
	struct error err = ERROR_INIT;
	char names[8] = "";
	const struct json *v = json_parse(a, STR("{\"c\":[10,20],\"a\":1,\"b\":null}"), &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(v);
	struct str name;
	for (size_t i = 0; i < json_count(v); i++) {
		CU_ASSERT_PTR_NOT_NULL(json_at(v, i, &name));
		strncat(names, name.at, name.len);
	}
	CU_ASSERT_STRING_EQUAL(names, "cab");
	CU_ASSERT(json_at(v, 0, &name) && str_eq(name, STR("c"))); /* backwards */
	CU_ASSERT_PTR_NULL(json_at(v, 3, &name));
	const struct json *list = json_at(v, 0, NULL);
	int64_t n = 0;
	CU_ASSERT(json_int64(json_at(list, 1, &name), &n) && n == 20 && str_is_empty(name));
	arena_reset(a);
	v = json_parse(a, STR("{\"z\":1}"), &err);
	CU_ASSERT(json_at(v, 0, &name) && str_eq(name, STR("z")));
	arena_free(a);
}

static void long_names_are_found_too(void)
{
	struct arena *a = arena_new(1024);
	struct error err = ERROR_INIT;
	struct str name = arena_printf(a, "%0400d", 1);
	const struct json *v = json_parse(a, arena_printf(a, "{\"x\":1,\"%s\":2}", name.at), &err);
	int64_t n = 0;
	CU_ASSERT(json_int64(json_get(v, name), &n) && n == 2);
	CU_ASSERT_PTR_NULL(json_get(v, str_skip(name, 1)));
	arena_free(a);
}

static const struct unit_test tests[] = {
	TEST(documents_of_rfc8259_are_accepted),
	TEST(what_json_c_lets_through_is_refused),
	TEST(depth_is_bounded),
	TEST(duplicates_are_found_among_many_names_in_linear_time),
	TEST(numbers_are_neither_coerced_nor_clamped),
	TEST(a_wide_integer_changes_no_other_value),
	TEST(getters_check_kinds_and_tell_null_from_absent),
	TEST(members_come_in_the_order_of_the_document),
	TEST(long_names_are_found_too),
};
const struct core_tests core_json = { tests, COUNT_OF(tests) };
