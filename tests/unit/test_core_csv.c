/* CSV as RFC 4180 writes it, and nothing else. */
#include "test_core.h"

#include "core/csv.h"

static struct arena *arena;
static struct csv csv;
static struct error err;

static bool is_read(const char *text)
{
	err = (struct error)ERROR_INIT;
	return csv_parse(arena, str_c(text), &csv, &err);
}

static bool has(size_t row, const char *column, const char *wanted)
{
	return str_eq(csv_field(&csv, row, csv_column(&csv, str_c(column))), str_c(wanted));
}

static void fields_are_read_with_and_without_quotes(void)
{
	arena = arena_new(1024);
	CU_ASSERT(is_read("a,b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n\"\",\r\n3,\"\"\"\""));
	CU_ASSERT_EQUAL_FATAL(csv.rows, 3);
	CU_ASSERT(has(0, "a", "1") && has(0, "b", "x, \"y\"\r\nz"));
	CU_ASSERT(has(1, "a", "") && has(1, "b", "") && has(2, "b", "\"") && has(0, "c", ""));
	CU_ASSERT(csv.lines[0] == 2 && csv.lines[1] == 4 && csv.lines[2] == 5);
	CU_ASSERT(is_read("\xef\xbb\xbf\"a\"\n1\n2"));
	CU_ASSERT(csv.rows == 2 && has(1, "a", "2"));
	CU_ASSERT(is_read("a") && csv.rows == 0);
	arena_free(arena);
}

static void what_is_not_of_that_form_is_refused_with_its_line(void)
{
	static const struct {
		const char *text, *why;
	} bad[] = { { "", "line 1: a column has no name" }, { "a,a\n1,2", "line 1: two columns" },
		{ "a,b\n1,2\n\n", "line 3: it has 1 fields" }, { "a\n\"x\n\ny\"\n1,2", "line 5: it has 2 fields" },
		{ "a\nb\"c", "line 2: a quote inside" }, { "a\n\"b\" ", "line 2: text behind" },
		{ "a\n\"b\nc", "line 2: a quoted field" }, { "a\n\"", "line 2: a quoted field" },
		{ "a\rb", "line 1: a CR without" }, { "a\n\xc3(", "line 2: this is no text" } };
	arena = arena_new(1024);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		CU_ASSERT_FALSE(is_read(bad[i].text));
		CU_ASSERT(str_starts(str_c(err.detail), str_c(bad[i].why)));
	}
	err = (struct error)ERROR_INIT;
	CU_ASSERT_FALSE(csv_parse(arena, STR("a\n1\0002"), &csv, &err));
	arena_free(arena);
}

static const struct unit_test tests[] = {
	TEST(fields_are_read_with_and_without_quotes),
	TEST(what_is_not_of_that_form_is_refused_with_its_line),
};
const struct core_tests core_csv = { tests, COUNT_OF(tests) };
