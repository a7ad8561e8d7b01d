/* Bodies: which fields are refused by name, and what is passed to the database. */
#include "core/buf.h"
#include "test_resource.h"

static struct input input;

static bool read(const char *body, enum input_use use)
{
	error = (struct error)ERROR_INIT;
	return input_read(&input, arena, &query, use, str_c(body), &error);
}

static bool is_written(const char *name)
{
	const struct resource *r = test_resource();
	return input.has[resource_column(r, str_c(name)) - r->columns];
}

static void one_row_becomes_an_array_of_one(void)
{
	CU_ASSERT_FATAL(parse("", TAKES_COLUMNS));
	CU_ASSERT_FATAL(read("{\"name\":\"a\",\"id\":\"" KEY "\"}", INPUT_CREATE));
	CU_ASSERT(str_eq(input.json, STR("[{\"name\":\"a\",\"id\":\"" KEY "\"}]")));
	CU_ASSERT(!input.is_array && input.row_count == 1 && input.has_count == 2);
	CU_ASSERT(str_eq(input.key, STR(KEY)));
	CU_ASSERT(is_written("name") && is_written("id") && !is_written("n"));
	CU_ASSERT(read("[]", INPUT_CREATE) && input.row_count == 0);
}

/* T38 */
static void what_is_not_the_callers_to_say_is_refused_by_name(void)
{
	CU_ASSERT_FATAL(parse("", TAKES_COLUMNS));
	CU_ASSERT(!read(
		"{\"name\":\"a\",\"tenant_id\":\"x\",\"env\":\"prod\",\"version\":1,\"created_at\":null,\"zz\":1}",
		INPUT_CREATE));
	CU_ASSERT(is_named("tenant_id") && is_named("env") && is_named("version") && is_named("created_at") &&
		is_named("zz"));
	CU_ASSERT(!read("[{\"name\":\"a\"},{\"name\":\"b\",\"n\":\"x\"}]", INPUT_CREATE) && is_named("[1].n"));
	CU_ASSERT(!read("{\"id\":\"" KEY "\"}", INPUT_CHANGE) && is_named("id"));
	CU_ASSERT_FATAL(parse("columns=name", TAKES_COLUMNS));
	CU_ASSERT(!read("{\"name\":\"a\",\"tenant_id\":\"x\"}", INPUT_CREATE) && is_named("tenant_id"));
	CU_ASSERT(read("{\"name\":\"a\",\"zz\":\"x\"}", INPUT_CREATE));
}

static void a_row_lacks_nothing_it_must_have(void)
{
	const struct resource *r = test_resource();
	size_t n = (size_t)(resource_column(r, STR("n")) - r->columns);
	CU_ASSERT_FATAL(parse("", TAKES_COLUMNS));
	CU_ASSERT(!read("{\"n\":1}", INPUT_CREATE) && is_named("name"));
	CU_ASSERT(!read("{\"name\":null}", INPUT_CREATE) && is_named("name"));
	CU_ASSERT(!read("{\"n\":1}", INPUT_REPLACE) && is_named("name"));
	CU_ASSERT(read("{\"n\":1}", INPUT_CHANGE));
	CU_ASSERT(!read("{\"n\":null}", INPUT_CHANGE) && is_named("n"));
	CU_ASSERT(read("[{\"name\":\"a\",\"n\":1},{\"name\":\"b\"}]", INPUT_CREATE));
	CU_ASSERT(input.has[n] && input.lacks[n]);
	CU_ASSERT(read("[{\"name\":\"a\",\"n\":1},{\"name\":\"b\",\"n\":2}]", INPUT_CREATE) && !input.lacks[n]);
}

static void bodies_of_another_shape_are_refused(void)
{
	CU_ASSERT_FATAL(parse("", TAKES_COLUMNS));
	static const char *const bodies[] = { "", "1", "null", "\"a\"", "[1]", "[[]]", "{\"name\":\"a\"} x",
		"{\"name\":\"a\",\"name\":\"b\"}" };
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		CU_ASSERT(!read(bodies[i], INPUT_CREATE));
		CU_ASSERT_EQUAL(error.code, ERR_INVALID_REQUEST);
	}
	CU_ASSERT(!read("[]", INPUT_CHANGE) && error.code == ERR_INVALID_REQUEST);
	CU_ASSERT(!read("{}", INPUT_CHANGE) && error.code == ERR_INVALID_REQUEST);
	CU_ASSERT(!read("[{}]", INPUT_REPLACE) && error.code == ERR_INVALID_REQUEST);
}

static void rows_are_bounded(void)
{
	struct buf b;
	CU_ASSERT_FATAL(parse("", TAKES_COLUMNS));
	buf_init(&b, arena, 64 * 1024);
	buf_add_c(&b, "[{\"name\":\"a\"}");
	for (int i = 1; i < INPUT_ROWS; i++)
		buf_add_c(&b, ",{\"name\":\"a\"}");
	char *whole = arena_cstr(arena, arena_printf(arena, "%s]", buf_str(&b).at));
	char *more = arena_cstr(arena, arena_printf(arena, "%s,{\"name\":\"a\"}]", buf_str(&b).at));
	CU_ASSERT(read(whole, INPUT_CREATE) && input.row_count == INPUT_ROWS);
	CU_ASSERT(!read(more, INPUT_CREATE) && error.code == ERR_INVALID_REQUEST);
}

const struct unit_test input_tests[] = {
	TEST(one_row_becomes_an_array_of_one),
	TEST(what_is_not_the_callers_to_say_is_refused_by_name),
	TEST(a_row_lacks_nothing_it_must_have),
	TEST(bodies_of_another_shape_are_refused),
	TEST(rows_are_bounded),
};
const size_t input_test_count = COUNT_OF(input_tests);
