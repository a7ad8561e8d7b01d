/*
 * Rows as the repositories read them: a view of a PGresult that the request's arena has adopted. Must never
 * copy a value, and never return one for a row or column that does not exist.
 */
#include "handle.h"

static void release(void *result)
{
	PQclear(result);
}

/* How many rows were written, from "INSERT 0 3" or "UPDATE 3". The number after SELECT counts rows that
 * were returned, so that it is not taken. */
static size_t written(PGresult *result)
{
	struct str command = str_c(PQcmdStatus(result));
	int64_t count;
	if (str_starts(command, STR("SELECT")) || !str_to_int64(str_c(PQcmdTuples(result)), &count))
		return 0;
	return (size_t)count;
}

void rows_take(struct rows *rows, struct arena *a, PGresult *result)
{
	if (!rows) {
		PQclear(result);
		return;
	}
	arena_adopt(a, result, release);
	*rows =
		(struct rows){ .result = result, .count = (size_t)PQntuples(result), .affected = written(result) };
}

struct str rows_value(const struct rows *r, size_t i, size_t j, bool *is_null)
{
	if (i >= r->count || j >= (size_t)PQnfields(r->result))
		BUG("row %zu, column %zu of %zu rows", i, j, r->count);
	bool null = PQgetisnull(r->result, (int)i, (int)j) == 1;
	if (is_null)
		*is_null = null;
	if (null)
		return STR("");
	return str_of(PQgetvalue(r->result, (int)i, (int)j), (size_t)PQgetlength(r->result, (int)i, (int)j));
}
