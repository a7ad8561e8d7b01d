/* The resource room's tests: joins the parts. */
#include "test_resource.h"

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
