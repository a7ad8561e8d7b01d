/* Reads an audit log and its checkpoints from the database. */
#include "chain.h"

#include "db/pipeline.h"

#include <stdio.h>

#define PAGE "5000"

static bool put_rows(const struct rows *rows, size_t column, struct byte_sink sink, struct error *err)
{
	for (size_t i = 0; i < rows->count; i++)
		if (!sink.put(sink.to, rows_value(rows, i, column, NULL), err))
			return false;
	return true;
}

/* A checkpoint at a time, since each may list many rows. */
static bool put_checkpoints(
	struct ctl *ctl, struct arena *a, struct str log, struct byte_sink sink, struct error *err)
{
	char number[32] = "0";
	for (;;) {
		struct rows checkpoint, rows;
		const struct value after[] = { VALUE(log), VALUE_C(number) };
		arena_reset(a);
		if (!db_query(ctl->db, a, "SELECT number, line FROM tenantd.chain_checkpoints($1, $2, 1)", after,
				COUNT_OF(after), &checkpoint, err))
			return false;
		if (checkpoint.count == 0)
			return true;
		snprintf(number, sizeof(number), "%.*s", STR_ARG(rows_value(&checkpoint, 0, 0, NULL)));
		const struct value of[] = { VALUE(log), VALUE_C(number) };
		if (!put_rows(&checkpoint, 1, sink, err) ||
			!db_query(
				ctl->db, a, "SELECT line FROM tenantd.chain_rows($1, $2)", of, COUNT_OF(of), &rows, err) ||
			!put_rows(&rows, 0, sink, err))
			return false;
	}
}

static bool put_uncovered(
	struct ctl *ctl, struct arena *a, struct str log, struct byte_sink sink, struct error *err)
{
	char at[64] = "", id[64] = "";
	if (!sink.put(sink.to, STR("{\"uncovered\":true}"), err))
		return false;
	for (;;) {
		struct rows rows;
		const struct value values[] = { VALUE(log), value_or_null(str_c(at)), value_or_null(str_c(id)) };
		arena_reset(a);
		if (!db_query(ctl->db, a, "SELECT line, at, id FROM tenantd.chain_tail($1, " PAGE ", $2, $3)", values,
				COUNT_OF(values), &rows, err) ||
			!put_rows(&rows, 0, sink, err))
			return false;
		if (rows.count == 0)
			return true;
		snprintf(at, sizeof(at), "%.*s", STR_ARG(rows_value(&rows, rows.count - 1, 1, NULL)));
		snprintf(id, sizeof(id), "%.*s", STR_ARG(rows_value(&rows, rows.count - 1, 2, NULL)));
	}
}

bool chain_read(struct ctl *ctl, struct str log, struct byte_sink sink, struct error *err)
{
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	bool good = db_script(ctl->db, a, STR("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), NULL, err) &&
		sink.put(sink.to, arena_printf(ctl->arena, "{\"log\":\"%.*s\"}", STR_ARG(log)), err) &&
		put_checkpoints(ctl, a, log, sink, err) && put_uncovered(ctl, a, log, sink, err) &&
		db_script(ctl->db, a, STR("COMMIT"), NULL, err);
	arena_free(a);
	return good;
}
