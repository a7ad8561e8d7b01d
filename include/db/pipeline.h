/*
 * The statements of a request go out in one round trip, as a pipeline in one implicit transaction: queue
 * them, run them once (one Sync, one flush), and read their rows. A statement is prepared on first use, in
 * the same pipeline, and counts as prepared only when the server has confirmed it.
 */
#ifndef TENANTD_DB_PIPELINE_H
#define TENANTD_DB_PIPELINE_H

#include "db/conn.h"

/* A statement. It is a static constant above the function that uses it, because a prepared statement is
 * recognised by this address, which must not hold another statement while the connection lives. The name
 * is unique in the program. */
struct statement {
	const char *name; /* at most 63 bytes; "": it is parsed each time, and may then be on the stack */
	const char *sql; /* with $1 … */
};

/* A parameter in text form, or in the type's binary form, or null. */
struct value {
	struct str text;
	bool is_null;
	bool is_binary; /* for a bytea of any size: it is neither copied nor written in hex */
};

#define VALUE(s) ((struct value){ .text = (s) })
#define VALUE_C(c) ((struct value){ .text = str_c(c) })
#define VALUE_BINARY(s) ((struct value){ .text = (s), .is_binary = true })
#define VALUE_NULL ((struct value){ .is_null = true })
/* An empty text becomes null. */
static inline struct value value_or_null(struct str s)
{
	return (struct value){ .text = s, .is_null = str_is_empty(s) };
}

/* The rows of one statement; live in the arena given to pipeline_run. */
struct rows {
	const void *result; /* PGresult */
	size_t count; /* rows returned */
	size_t affected; /* rows inserted, updated or deleted; 0 for a SELECT */
};

/* Row i, column j as text; *is_null may be NULL. The bytes live as long as the rows. */
struct str rows_value(const struct rows *r, size_t i, size_t j, bool *is_null);
/* The same where null and an empty text are alike. */
static inline struct str cell(const struct rows *r, size_t i, size_t j)
{
	return rows_value(r, i, j, NULL);
}

/* Queues a statement, which is not sent yet. More than PIPELINE_MAX are a BUG. The values are copied,
 * except for binary ones, which must live until the run. When a text holds a NUL byte, the whole queue is
 * dropped and false is returned with ERR_INVALID_REQUEST. */
enum { PIPELINE_MAX = 16, STATEMENT_PARAMS = 48 };
MUST_CHECK bool pipeline_add(struct db *db, struct arena *a, const struct statement *s,
	const struct value *values, size_t count, struct error *err);

/* Asks for the rows of the statement that was queued last in binary form: a text as it is, a bytea as its
 * bytes. The statement must cast every other type to one of these. */
void pipeline_binary(struct db *db);

/* The rows of the statement that was queued last are not kept. Each is given to the taker as it arrives,
 * and is valid until the taker returns. When the taker returns false, it gets no more rows and the run
 * fails with its *err, though the transaction is not rolled back for that. */
struct row_taker {
	bool (*take)(void *who, const struct rows *row, struct error *err);
	void *who;
};
void pipeline_take(struct db *db, struct row_taker taker);

/* Sends what was queued so far, so that its values need not live any longer; the answers are read by the
 * run. The statement that was sent last may be queued again, any number of times in a row, and counts as
 * one; the rows of its last time are kept. What was sent cannot be taken back: pipeline_drop then closes
 * the connection. False, with ERR_UNAVAILABLE: the connection is lost. */
MUST_CHECK bool pipeline_send(struct db *db, struct error *err);

/* Runs what was queued so far without ending the transaction. This costs one more round trip, and is for
 * the rare request whose later statements need an earlier answer. Keeps the rows of the first `count`
 * statements and drops those of the others. False: everything is rolled back as by a failed run. */
MUST_CHECK bool pipeline_peek(
	struct db *db, struct arena *a, struct rows *rows, size_t count, struct error *err);

/* Makes the next run a rehearsal: what is queued goes out between BEGIN and ROLLBACK, in one round trip,
 * and deferred constraints are checked before the ROLLBACK. To be called on an empty queue. */
void pipeline_rehearse(struct db *db);

/*
 * Sends the Sync and reads everything up to ReadyForQuery. Only then has the transaction committed, and only
 * then does this return true. rows[i] are those of the i-th statement that was queued since the last run or
 * peek. On false the transaction was rolled back as a whole, or the connection is closed:
 *   an SQLSTATE of core/error.h's table     its code (the message goes to operator); TD503: connection closed
 *   23505, 23P01 unique, exclusion          ERR_CONFLICT          23503 foreign key   ERR_INVALID_REQUEST
 *   23502, 23514, 22xxx (22012 is a bug)    ERR_INVALID_REQUEST   42501 privilege     ERR_FORBIDDEN
 *   40001, 40P01                            ERR_UNAVAILABLE, *again set when not NULL: try again
 *   55P03, 57014 lock, statement timeout    ERR_UNAVAILABLE
 *   25006, 25P03, 53xxx, 57P0x, 08xxx, lost ERR_UNAVAILABLE, connection closed
 *   0A000, 26000 a stale plan               ERR_INTERNAL, connection closed (a new one heals it)
 *   anything else                           ERR_INTERNAL
 * When the server does not answer within statement_ms plus 2 s, it is asked to cancel what is running. That
 * may be a deferred trigger of the commit, which no statement_timeout bounds. The answer that comes then
 * decides whether the transaction was rolled back or committed. When no answer comes, the connection counts
 * as lost, and `detail` says that the outcome is not known. When a transaction is still open after the Sync
 * (a statement said BEGIN), the connection is closed with ERR_INTERNAL, unless db_script opened that
 * transaction before. No text of PostgreSQL gets into err->detail, except the DETAIL of TD4xx, a state that
 * only functions written for it raise. The text of 22xxx quotes values, so that it does not even get into
 * `operator`.
 */
MUST_CHECK bool pipeline_run(
	struct db *db, struct arena *a, struct rows *rows, size_t count, bool *again, struct error *err);
/* Forgets what was queued and not run. When a part of it was sent or peeked at already, closes the
 * connection. */
void pipeline_drop(struct db *db);

/* The table above as a function from an SQLSTATE to a code. */
enum error_code sqlstate_error(struct str sqlstate, bool *again, bool *close);

/* Runs one or more statements outside any pipeline, by the simple protocol: for migrations, the BEGIN and
 * ROLLBACK of the gate, and tests. `rows`, which may be NULL, are those of the last statement. Errors are
 * as above, but `detail` stays empty, and `operator` has the server's message with the line when the
 * server named a position. */
MUST_CHECK bool db_script(
	struct db *db, struct arena *a, struct str sql, struct rows *rows, struct error *err);
/* Runs one statement with parameters outside any pipeline, by the extended protocol. */
MUST_CHECK bool db_query(struct db *db, struct arena *a, const char *sql, const struct value *values,
	size_t count, struct rows *rows, struct error *err);

#endif
