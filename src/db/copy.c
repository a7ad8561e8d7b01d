/*
 * COPY in both directions, outside any pipeline. Rows pass through one at a time, so that the size of a table does not
 * matter. libpq is in its non-blocking mode, as everywhere in this room: every wait is ours.
 */
#include "db/copy.h"

#include "handle.h"

#include <limits.h>
#include <poll.h>

/* Sends the statement and reads its first answer, which is `wanted` unless the server refuses. */
static bool begin(struct db *db, struct arena *a, struct str sql, ExecStatusType wanted, struct error *err)
{
	if (db->queued > 0 || db->is_peeked)
		BUG("a copy while a pipeline is queued");
	int64_t deadline = db_deadline(db);
	PGresult *result = NULL;
	bool again, close = false;
	db->flushes++;
	if (!db->pg || !PQexitPipelineMode(db->pg) || !PQsendQuery(db->pg, arena_cstr(a, sql)) ||
		!db_flush(db, deadline) || !db_next(db, deadline, &result))
		return db_lost(db, deadline, err);
	bool ok = PQresultStatus(result) == wanted;
	if (PQresultStatus(result) == PGRES_FATAL_ERROR)
		db_refused(result, "", sql, &again, &close, err);
	else if (!ok)
		BUG("a statement that is no copy: %s", sql.at);
	PQclear(result);
	return ok;
}

/* Reads what is left, takes the first refusal, and makes the connection ready for others. */
static bool end(struct db *db, bool ok, struct error *err)
{
	int64_t deadline = db_deadline(db);
	bool again, close = false;
	for (;;) {
		PGresult *result;
		if (!db->pg || !db_next(db, deadline, &result))
			return db_lost(db, deadline, err);
		if (!result)
			break;
		if (ok && PQresultStatus(result) != PGRES_COMMAND_OK)
			ok = db_refused(result, "", STR(""), &again, &close, err);
		PQclear(result);
	}
	if (PQstatus(db->pg) != CONNECTION_OK || !PQenterPipelineMode(db->pg))
		return db_lost(db, deadline, err);
	if (close)
		db_close(db);
	else
		db->is_in_block = PQtransactionStatus(db->pg) != PQTRANS_IDLE;
	return ok;
}

/* The next line; an empty one after the last. The caller frees it by PQfreemem. */
static bool next_line(struct db *db, char **line, struct str *text, struct error *err)
{
	int len;
	while ((len = PQgetCopyData(db->pg, line, 1)) == 0)
		if (!db_wait(db, POLLIN, db_deadline(db)) || !PQconsumeInput(db->pg))
			return db_lost(db, db_deadline(db), err);
	if (len == -2)
		return db_lost(db, db_deadline(db), err);
	*text = len > 0 ? str_of(*line, (size_t)len) : STR("");
	return true;
}

bool db_copy_out(struct db *db, struct arena *a, struct str sql, struct byte_sink lines, struct error *err)
{
	if (!begin(db, a, sql, PGRES_COPY_OUT, err))
		return db->pg && end(db, false, err);
	for (;;) {
		char *line = NULL;
		struct str text;
		if (!next_line(db, &line, &text, err))
			return false;
		if (str_is_empty(text))
			return end(db, true, err);
		bool ok = lines.put(lines.to, text, err);
		PQfreemem(line);
		if (!ok) {
			db_close(db);
			return false;
		}
	}
}

static bool put(struct db *db, struct str piece, struct error *err)
{
	while (piece.len > 0) {
		int len = piece.len > INT_MAX / 2 ? INT_MAX / 2 : (int)piece.len;
		if (PQputCopyData(db->pg, piece.at, len) < 0 || !db_flush(db, db_deadline(db)))
			return db_lost(db, db_deadline(db), err);
		piece = str_skip(piece, (size_t)len);
	}
	return true;
}

bool db_copy_in(struct db *db, struct arena *a, struct str sql, struct byte_source lines, struct error *err)
{
	if (!begin(db, a, sql, PGRES_COPY_IN, err))
		return db->pg && end(db, false, err);
	struct str piece;
	bool ok = true;
	while ((ok = lines.next(lines.from, &piece, err)) && !str_is_empty(piece))
		if (!put(db, piece, err))
			return false;
	if (PQputCopyEnd(db->pg, ok ? NULL : "the lines could not be read") < 0 || !db_flush(db, db_deadline(db)))
		return db_lost(db, db_deadline(db), err);
	return end(db, ok, err);
}
