/*
 * Statements outside any pipeline, for migrations, the operator's commands and the gate: a script by the
 * simple protocol, one statement by the extended one. Must never be on a request's path.
 */
#include "handle.h"

/* Reads all results of the script; *last is the last good one. */
static bool read_script(struct db *db, int64_t deadline_us, PGresult **last, PGresult **failure)
{
	for (;;) {
		PGresult *result;
		if (!db_next(db, deadline_us, &result))
			return false;
		if (!result)
			return PQstatus(db->pg) == CONNECTION_OK;
		ExecStatusType status = PQresultStatus(result);
		if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
			PQclear(result);
			return false;
		}
		PGresult **keep = status == PGRES_FATAL_ERROR ? failure : last;
		PQclear(*keep);
		*keep = result;
	}
}

bool db_script(struct db *db, struct arena *a, struct str sql, struct rows *rows, struct error *err)
{
	if (db->queued > 0 || db->is_peeked)
		BUG("a script while a pipeline is queued");
	if (rows)
		*rows = (struct rows){ 0 };
	if (memchr(sql.at, '\0', sql.len))
		return error_log(err, ERR_INTERNAL, "a script holds a NUL character");
	int64_t deadline = db_deadline(db);
	PGresult *last = NULL, *failure = NULL;
	bool again, close = false;
	db->flushes++;
	bool whole = db->pg && PQexitPipelineMode(db->pg) && PQsendQuery(db->pg, arena_cstr(a, sql)) &&
		db_flush(db, deadline) && read_script(db, deadline, &last, &failure);
	bool ok = whole && !failure && last;
	if (failure)
		db_refused(failure, "", sql, &again, &close, err);
	if (ok)
		rows_take(rows, a, last);
	else
		PQclear(last);
	PQclear(failure);
	if (!whole || !PQenterPipelineMode(db->pg)) {
		if (!failure)
			return db_lost(db, deadline, err);
		close = true;
	}
	if (close || db->is_cancelled)
		db_close(db);
	else
		db->is_in_block = PQtransactionStatus(db->pg) != PQTRANS_IDLE;
	return ok;
}

bool db_query(struct db *db, struct arena *a, const char *sql, const struct value *values, size_t count,
	struct rows *rows, struct error *err)
{
	if (db->queued > 0 || db->is_peeked)
		BUG("a query while a pipeline is queued");
	struct rows unread;
	struct statement unnamed = { "", sql };
	return pipeline_add(db, a, &unnamed, values, count, err) &&
		pipeline_run(db, a, rows ? rows : &unread, 1, NULL, err);
}
