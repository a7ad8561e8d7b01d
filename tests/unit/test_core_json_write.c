/* JSON that is written: its commas, its escapes, its lines. */
#include "test_core.h"

#include "core/json.h"
#include "core/json_write.h"

static struct arena *arena;

static void write_document(struct buf *b)
{
	json_write_open(b, NULL, '{');
	json_write_c(b, "text", "a\"[");
	json_write_flag(b, "yes", true);
	json_write_open(b, "empty", '{');
	json_write_close(b, '}');
	json_write_open(b, "list", '[');
	json_write_int(b, NULL, INT64_MIN);
	json_write_text(b, NULL, STR("{"));
	json_write_c(b, NULL, ":");
	json_write_raw(b, NULL, "[1]");
	json_write_flag(b, NULL, false);
	json_write_close(b, ']');
	json_write_name(b, STR("n\"\n"));
	json_write_raw(b, NULL, "null");
	json_write_close(b, '}');
}

static void commas_stand_between_values_and_nowhere_else(void)
{
	struct buf b;
	arena = arena_new(4096);
	buf_init(&b, arena, 4096);
	write_document(&b);
	CU_ASSERT_STRING_EQUAL(buf_str(&b).at,
		"{\"text\":\"a\\\"[\",\"yes\":true,\"empty\":{},\"list\":[-9223372036854775808,\"{\",\":\",[1],false],"
		"\"n\\\"\\n\":null}");
	struct error err = ERROR_INIT;
	CU_ASSERT_PTR_NOT_NULL(json_parse(arena, buf_str(&b), &err));
	arena_free(arena);
}

static void a_line_is_an_element_with_one_comma(void)
{
	struct buf b;
	arena = arena_new(4096);
	buf_init(&b, arena, 4096);
	json_write_open(&b, NULL, '[');
	for (int i = 0; i < 3; i++) {
		json_write_line(&b);
		json_write_open(&b, NULL, '{');
		json_write_int(&b, "n", i);
		json_write_close(&b, '}');
	}
	json_write_raw(&b, NULL, "4\n"); /* the end of a line is no separator by itself */
	json_write_int(&b, NULL, 5);
	json_write_close(&b, ']');
	CU_ASSERT_STRING_EQUAL(buf_str(&b).at, "[{\"n\":0},\n{\"n\":1},\n{\"n\":2},4\n,5]");
	arena_free(arena);
}

static void a_full_buffer_says_so(void)
{
	struct buf b;
	arena = arena_new(4096);
	buf_init(&b, arena, 4096);
	write_document(&b);
	size_t whole = buf_str(&b).len;
	for (size_t limit = 0; limit <= whole; limit++) {
		buf_init(&b, arena, limit);
		write_document(&b);
		CU_ASSERT_EQUAL(buf_ok(&b), limit == whole);
	}
	arena_free(arena);
}

static const struct unit_test tests[] = {
	TEST(commas_stand_between_values_and_nowhere_else),
	TEST(a_line_is_an_element_with_one_comma),
	TEST(a_full_buffer_says_so),
};
const struct core_tests core_json_write = { tests, COUNT_OF(tests) };
