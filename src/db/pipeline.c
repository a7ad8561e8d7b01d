/*
 * The queue of a request's statements, and the one run that sends them with a single Sync and reads all
 * answers. Nothing is handed to libpq before the run, so that a queue can be dropped. What is too large to
 * wait (pipeline_send) is the exception: dropping it costs the connection. Nothing counts as done before
 * ReadyForQuery, because what is deferred to the commit fails there. Must never send a request twice: a
 * connection that turns out to be dead is closed and reported.
 */
#include "core/metrics.h"
#include "handle.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

/* A run in progress. The first failure is the one to report: the server skips everything after it. */
struct run {
	struct db *db;
	struct arena *arena;
	int64_t deadline_us;
	bool failed;
	bool again;
	bool close;
	bool is_synced; /* the Sync was sent: the server may commit */
	struct error *err;
};

/* The slot where `s` is or would be. */
static size_t slot_of(const struct db *db, const struct statement *s)
{
	size_t i = (size_t)(((uint64_t)(uintptr_t)s * 0x9e3779b97f4a7c15u) >> 32) % KNOWN_SLOTS;
	while (db->known[i] && db->known[i] != s)
		i = (i + 1) % KNOWN_SLOTS;
	return i;
}

static void remember(struct db *db, const struct statement *s)
{
	size_t i = slot_of(db, s);
	if (!db->known[i])
		db->known_count++;
	db->known[i] = s;
}

/* True when it need not be parsed: the server has it, or an earlier one in the queue sends its Parse. */
static bool is_known(const struct db *db, const struct statement *s)
{
	for (size_t i = 0; i < db->queued; i++)
		if (db->queue[i].statement == s && db->queue[i].has_name)
			return true;
	return db->known[slot_of(db, s)] != NULL;
}

static int binary_length(size_t len)
{
	if (len > INT_MAX)
		BUG("a binary value of %zu bytes", len);
	return (int)len;
}

bool pipeline_add(struct db *db, struct arena *a, const struct statement *s, const struct value *values,
	size_t count, struct error *err)
{
	if (db->queued == PIPELINE_MAX || count > STATEMENT_PARAMS)
		BUG("statement '%s': %zu parameters, %zu statements queued", s->name, count, db->queued);
	const char **texts = ARENA_ARRAY(a, const char *, count > 0 ? count : 1);
	int *lengths = NULL, *formats = NULL;
	for (size_t i = 0; i < count; i++) {
		if (values[i].is_null)
			continue;
		db->is_swollen = db->is_swollen || values[i].text.len > SWOLLEN;
		if (values[i].is_binary) {
			lengths = lengths ? lengths : ARENA_ARRAY(a, int, count);
			formats = formats ? formats : ARENA_ARRAY(a, int, count);
			texts[i] = values[i].text.len > 0 ? values[i].text.at : "";
			lengths[i] = binary_length(values[i].text.len);
			formats[i] = 1;
			continue;
		}
		if (memchr(values[i].text.at, '\0', values[i].text.len)) {
			pipeline_drop(db);
			return error_set(err, ERR_INVALID_REQUEST, "a text holds a NUL character");
		}
		texts[i] = arena_cstr(a, values[i].text);
	}
	struct queued *last = db->queued > 0 ? &db->queue[db->queued - 1] : NULL;
	if (last && last->statement == s && last->sent > 0) {
		last->values = texts;
		last->lengths = lengths;
		last->formats = formats;
		last->times++;
		return true;
	}
	bool known = is_known(db, s);
	bool has_name = s->name[0] != '\0' && (known || db->known_count + db->queued < KNOWN_MAX);
	db->queue[db->queued++] = (struct queued){ .statement = s,
		.values = texts,
		.lengths = lengths,
		.formats = formats,
		.count = (int)count,
		.has_name = has_name,
		.is_parsed_here = has_name && !known,
		.times = 1 };
	return true;
}

void pipeline_binary(struct db *db)
{
	if (db->queued == 0)
		BUG("no statement is queued whose rows could be binary");
	db->queue[db->queued - 1].is_binary = true;
}

void pipeline_take(struct db *db, struct row_taker taker)
{
	if (db->queued == 0)
		BUG("no statement is queued whose rows could be taken");
	db->queue[db->queued - 1].taker = taker;
}

void pipeline_rehearse(struct db *db)
{
	if (db->queued > 0 || db->is_peeked)
		BUG("a rehearsal begins before the first statement");
	db->is_rehearsal = true;
}

void pipeline_drop(struct db *db)
{
	bool is_sent = db->queued > 0 && db->queue[0].sent > 0;
	db->queued = 0;
	db->is_rehearsal = false;
	if (db->is_peeked || is_sent)
		db_close(db);
}

static bool send_plain(struct db *db, const char *sql)
{
	return PQsendQueryParams(db->pg, sql, 0, NULL, NULL, NULL, NULL, 0) != 0;
}

/* The name of a statement in the server. A part of it is random: injected SQL that could guess the name might
 * DEALLOCATE it and PREPARE something else under it, which the next request would run. */
enum { SERVER_NAME = 64 };

static const char *server_name(const struct db *db, const struct statement *s, char out[SERVER_NAME])
{
	size_t len = strnlen(s->name, SERVER_NAME - sizeof(db->nonce));
	memcpy(out, s->name, len);
	memcpy(out + len, db->nonce, sizeof(db->nonce));
	return out;
}

/* Puts the queue into libpq's buffer. libpq writes by itself only once that holds 8 KiB. */
static bool send_queue(struct db *db)
{
	if (db->is_rehearsal && !db->has_begun && db->queue[0].sent == 0 && !send_plain(db, "BEGIN"))
		return false;
	for (size_t i = 0; i < db->queued; i++) {
		struct queued *q = &db->queue[i];
		if (q->sent == q->times)
			continue;
		q->sent++;
		const struct statement *s = q->statement;
		char name[SERVER_NAME];
		server_name(db, s, name);
		if (q->is_parsed_here && q->sent == 1 && !PQsendPrepare(db->pg, name, s->sql, 0, NULL))
			return false;
		if (!(q->has_name ? PQsendQueryPrepared(
								db->pg, name, q->count, q->values, q->lengths, q->formats, q->is_binary)
						  : PQsendQueryParams(db->pg, s->sql, q->count, NULL, q->values, q->lengths,
								q->formats, q->is_binary)))
			return false;
	}
	return true;
}

static void note_failure(struct run *r, const PGresult *result, const char *name)
{
	if (r->failed)
		return;
	r->failed = true;
	db_refused(result, name, STR(""), &r->again, &r->close, r->err);
}

/* Reads one command's answer up to the NULL that ends it. *good is NULL when it failed or was skipped.
 * False: the connection is of no use. */
static bool read_command(struct run *r, const char *name, PGresult **good)
{
	PGresult *result = NULL, *end = NULL;
	*good = NULL;
	if (!db_next(r->db, r->deadline_us, &result) || !result)
		return false;
	ExecStatusType status = PQresultStatus(result);
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		*good = result;
	else if (status == PGRES_FATAL_ERROR)
		note_failure(r, result, name);
	bool ends = PQstatus(r->db->pg) == CONNECTION_OK && db_next(r->db, r->deadline_us, &end) && !end;
	PQclear(end);
	if (!*good || !ends)
		PQclear(result);
	return ends && (*good || status == PGRES_FATAL_ERROR || status == PGRES_PIPELINE_ABORTED);
}

static bool read_plain(struct run *r, const char *name)
{
	PGresult *good;
	bool read = read_command(r, name, &good);
	PQclear(good);
	return read;
}

/* The same for a command whose rows are taken as they arrive. */
static bool hand_over(struct run *r, const struct queued *q)
{
	PGresult *result;
	(void)PQsetSingleRowMode(r->db->pg); /* refused after a failure, when there are no rows */
	for (;;) {
		if (!db_next(r->db, r->deadline_us, &result))
			return false;
		if (!result)
			return PQstatus(r->db->pg) == CONNECTION_OK;
		ExecStatusType status = PQresultStatus(result);
		const struct rows row = { .result = result, .count = (size_t)PQntuples(result) };
		if (status == PGRES_FATAL_ERROR)
			note_failure(r, result, q->statement->name);
		else if (row.count > 0 && !r->failed)
			r->failed = !q->taker.take(q->taker.who, &row, r->err);
		PQclear(result);
		r->deadline_us = db_deadline(r->db); /* the taker's time does not count */
	}
}

static bool read_queued(struct run *r, const struct queued *q, struct rows *rows)
{
	PGresult *good;
	if (q->is_parsed_here) {
		if (!read_command(r, q->statement->name, &good))
			return false;
		if (good)
			remember(r->db, q->statement);
		PQclear(good);
	}
	if (q->taker.take)
		return hand_over(r, q);
	for (size_t time = 1; time <= q->times; time++) {
		if (!read_command(r, q->statement->name, &good))
			return false;
		if (good)
			rows_take(time == q->times ? rows : NULL, r->arena, good);
	}
	return true;
}

/* Reads the answers to everything that was queued, the first `count` of them into rows. */
static bool read_queue(struct run *r, struct rows *rows, size_t count)
{
	if (r->db->is_rehearsal && !r->db->has_begun) {
		if (!read_plain(r, "begin"))
			return false;
		r->db->has_begun = true;
	}
	for (size_t i = 0; i < r->db->queued; i++)
		if (!read_queued(r, &r->db->queue[i], i < count ? &rows[i] : NULL))
			return false;
	return true;
}

/* Reads up to ReadyForQuery. The Sync commits: when a deferred constraint or a serialization fails, an
 * error comes here, before the result of the Sync. */
static bool read_sync(struct run *r)
{
	for (int nothing = 0; nothing < 2;) {
		PGresult *result;
		if (!db_next(r->db, r->deadline_us, &result))
			return false;
		if (!result) {
			nothing++;
			continue;
		}
		nothing = 0;
		ExecStatusType status = PQresultStatus(result);
		if (status == PGRES_FATAL_ERROR)
			note_failure(r, result, "commit");
		PQclear(result);
		if (status == PGRES_PIPELINE_SYNC)
			return true;
		if (status != PGRES_FATAL_ERROR)
			return false;
	}
	return false;
}

/* True when a run has left no transaction open. If it has, the connection is not used again. */
static bool is_clean(struct db *db)
{
	PGTransactionStatusType status = PQtransactionStatus(db->pg);
	if (status == PQTRANS_IDLE)
		db->is_in_block = false;
	return status == PQTRANS_IDLE ||
		(db->is_in_block && (status == PQTRANS_INTRANS || status == PQTRANS_INERROR));
}

/* Ends every run. `whole` says whether the answers were read up to ReadyForQuery. */
static bool finish(struct run *r, bool whole)
{
	struct db *db = r->db;
	db->queued = 0;
	db->is_peeked = db->is_rehearsal = db->has_begun = false;
	/* libpq's own failure, which has no state: it had no memory for an answer */
	bool is_unsaid = r->failed && r->close && !r->err->sqlstate[0];
	if (!whole && !(r->failed && r->close))
		is_unsaid = !db_lost(db, r->deadline_us, r->err);
	else if ((r->failed && r->close) || db->is_cancelled)
		db_close(db); /* when it was cancelled: a late cancel request would hit the next statement */
	else if (!is_clean(db)) {
		metrics_count(COUNT_DB_UNCLEAN);
		db_close(db);
		return error_log(r->err, ERR_INTERNAL, "database: a transaction was left open");
	}
	static const char unsaid[] =
		"the answer of the database was lost: a change may or may not have been made";
	if (is_unsaid && r->is_synced)
		memcpy(r->err->detail, unsaid, sizeof(unsaid));
	return !r->failed && whole;
}

static struct run run_begin(
	struct db *db, struct arena *a, struct rows *rows, size_t count, struct error *err)
{
	if (count > db->queued)
		BUG("rows of %zu statements wanted, %zu queued", count, db->queued);
	if (count > 0)
		memset(rows, 0, count * sizeof(*rows));
	return (struct run){ .db = db, .arena = a, .deadline_us = db_deadline(db), .err = err };
}

/* Sends the Sync and reads everything up to its answer. */
static bool sync_and_read(struct run *r, struct rows *rows, size_t count)
{
	struct db *db = r->db;
	if (db->is_rehearsal && !send_plain(db, "SET CONSTRAINTS ALL IMMEDIATE"))
		return false;
	if (!PQpipelineSync(db->pg)) /* flushes, too */
		return false;
	/* After a failure the server skips everything up to the Sync, and only ROLLBACK ends the block: so
	 * ROLLBACK goes after a Sync, with another Sync of its own. */
	if (db->is_rehearsal && !(send_plain(db, "ROLLBACK") && PQpipelineSync(db->pg)))
		return false;
	r->is_synced = true;
	db->flushes++;
	if (!db_flush(db, r->deadline_us) || !read_queue(r, rows, count))
		return false;
	if (db->is_rehearsal && !read_plain(r, "set constraints"))
		return false;
	return read_sync(r) && (!db->is_rehearsal || (read_plain(r, "rollback") && read_sync(r)));
}

bool pipeline_send(struct db *db, struct error *err)
{
	int64_t deadline_us = db_deadline(db);
	if (db->pg && send_queue(db) && db_flush(db, deadline_us))
		return true;
	db->queued = 0;
	db->is_peeked = db->is_rehearsal = db->has_begun = false;
	return db_lost(db, deadline_us, err);
}

bool pipeline_run(
	struct db *db, struct arena *a, struct rows *rows, size_t count, bool *again, struct error *err)
{
	struct run r = run_begin(db, a, rows, count, err);
	if (again)
		*again = false;
	if (db->queued == 0 && !db->is_peeked)
		return true;
	bool whole = db->pg && send_queue(db) && sync_and_read(&r, rows, count);
	bool ok = finish(&r, whole);
	if (again)
		*again = r.failed && r.again && db->pg;
	return ok;
}

bool pipeline_peek(struct db *db, struct arena *a, struct rows *rows, size_t count, struct error *err)
{
	struct run r = run_begin(db, a, rows, count, err);
	if (db->queued == 0)
		return true;
	bool read = db->pg && send_queue(db) && PQsendFlushRequest(db->pg);
	db->flushes += read;
	read = read && db_flush(db, r.deadline_us) && read_queue(&r, rows, count);
	db->queued = 0;
	if (read && !r.failed) {
		db->is_peeked = true;
		return true;
	}
	/* The server skips everything until a Sync, which also ends the transaction. */
	bool whole = read && sync_and_read(&r, NULL, 0);
	return finish(&r, whole);
}
