/* The resource room's tests: one program, a file for each part of the room. */
#include "test_resource.h"

#include "core/buf.h"
#include "core/limits.h"

struct arena *arena;
struct error error;
struct query query;

bool parse(const char *text, int takes)
{
	struct query_param params[32];
	size_t count = 0;
	struct str rest = str_c(text);
	while (!str_is_empty(rest)) {
		struct str pair;
		rest = str_split(rest, '&', &pair);
		params[count].value = str_split(pair, '=', &params[count].name);
		count++;
	}
	error = (struct error)ERROR_INIT;
	return query_parse(&query, arena, test_resource(), params, count, takes, &error);
}

bool is_named(const char *field)
{
	for (size_t i = 0; i < error.field_count; i++)
		if (strcmp(error.fields[i].name, field) == 0)
			return error.code == ERR_INVALID_REQUEST;
	return false;
}

bool refuses(const char *text, int takes, const char *field)
{
	if (!parse(text, takes) && is_named(field))
		return true;
	printf("not refused by the name of %s: %s\n", field, text);
	return false;
}

const char *repeated(const char *head, const char *item, int times, const char *tail)
{
	struct buf b;
	buf_init(&b, arena, LIMIT_BODY);
	for (int i = 0; i < times; i++)
		buf_printf(&b, "%s%s", i == 0 ? head : ",", item);
	buf_add_c(&b, tail);
	return arena_cstr(arena, buf_str(&b));
}

bool has(struct str text, const char *part)
{
	return memmem(text.at, text.len, part, strlen(part)) != NULL;
}

int main(void)
{
	const struct {
		const struct unit_test *at;
		size_t count;
	} parts[] = {
		{ query_tests, query_test_count },
		{ prefer_tests, prefer_test_count },
		{ value_tests, value_test_count },
		{ input_tests, input_test_count },
		{ build_tests, build_test_count },
	};
	struct unit_test all[128];
	size_t count = 0;
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		for (size_t j = 0; j < parts[i].count; j++)
			all[count++] = parts[i].at[j];
	arena = arena_new(64 * 1024);
	int rc = unit_main("resource", all, count);
	arena_free(arena);
	return rc;
}
