/* The http room's tests: one program, a file for each part of the room. */
#include "test_http.h"
#include "core/limits.h"
#include "core/log.h"

struct arena *arena;

void check_str(int line, const char *file, struct str actual, struct str expected)
{
	bool is_same = str_eq(actual, expected);
	CU_assertImplementation(is_same ? CU_TRUE : CU_FALSE, (unsigned)line, expected.at, file, "", CU_FALSE);
	if (!is_same)
		printf("\n    \"%.*s\" where \"%.*s\" is expected\n", STR_ARG(actual), STR_ARG(expected));
}

static size_t append(struct unit_test *all, size_t at, const struct unit_test *some, size_t count)
{
	memcpy(all + at, some, count * sizeof(*all));
	return at + count;
}

int main(void)
{
	static struct unit_test all[128];
	struct error err = ERROR_INIT;
	size_t n = 0;
	if (path_test_count + request_test_count + response_test_count + fcgi_test_count + hostile_test_count +
			stream_test_count + workers_test_count >
		COUNT_OF(all))
		return EXIT_FAILURE;
	n = append(all, n, path_tests, path_test_count);
	n = append(all, n, request_tests, request_test_count);
	n = append(all, n, response_tests, response_test_count);
	n = append(all, n, fcgi_tests, fcgi_test_count);
	n = append(all, n, hostile_tests, hostile_test_count);
	n = append(all, n, stream_tests, stream_test_count);
	n = append(all, n, workers_tests, workers_test_count);
	if (!log_open("/dev/null", LOG_LEVEL_ERROR, &err))
		return EXIT_FAILURE;
	arena = arena_new(LIMIT_REQUEST_POOL);
	int status = unit_main("http", all, n);
	arena_free(arena);
	return status;
}
