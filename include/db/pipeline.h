/*
 * A request's statements as one pipelined round trip in one implicit transaction: queue them, run once
 * (one Sync, one flush), read their rows. Statements are prepared on first use, in the same pipeline; a
 * name is remembered as prepared only when the server said so.
 */
#ifndef TENANTD_DB_PIPELINE_H
#define TENANTD_DB_PIPELINE_H

#include "db/conn.h"

/* A statement, defined statically above the function that uses it: it is remembered by its address, which must
 * not come to mean another statement while the connection lives. The name is unique in the program. */
struct statement {
	const char *name; /* at most 63 bytes; "": parsed each time and not remembered, may live on the stack */
	const char *sql; /* with $1 … */
};

/* A parameter in text form, or in the type's binary form, or null. */
struct value {
	struct str text;
	bool is_null;
	bool is_binary; /* for a bytea of any size: sent as it is, without copying it or writing it in hex */
};

#define VALUE(s) ((struct value){ .text = (s) })
#define VALUE_C(c) ((struct value){ .text = str_c(c) })
#define VALUE_BINARY(s) ((struct value){ .text = (s), .is_binary = true })
#define VALUE_NULL ((struct value){ .is_null = true })
/* Null when empty. */
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

/* Queues a statement (not sent yet). At most PIPELINE_MAX, a BUG otherwise. The values are copied, but for
 * binary ones, which must live until the run. False, and the whole queue dropped, when a text holds a NUL byte:
 * ERR_INVALID_REQUEST. */
enum { PIPELINE_MAX = 16, STATEMENT_PARAMS = 48 };
MUST_CHECK bool pipeline_add(struct db *db, struct arena *a, const struct statement *s,
	const struct value *values, size_t count, struct error *err);

/* The rows of the statement that was queued last come in binary form: a text as it is, a bytea as its bytes, and
 * any other type is to be cast to one of them. */
void pipeline_binary(struct db *db);

/* The rows of the statement that was queued last are not kept: each is given to the taker as it comes, good until it
 * returns. When it returns false the run fails with its *err, though the transaction stands; no more are given. */
struct row_taker {
	bool (*take)(void *who, const struct rows *row, struct error *err);
	void *who;
};
void pipeline_take(struct db *db, struct row_taker taker);

/* Sends what was queued so far, so that its values need not live on; the answers come with the run. The statement
 * that was sent last may be queued again any number of times in a row and counts as one; its last rows are kept.
 * What was sent cannot be taken back: to drop it closes the connection. False: it is lost, ERR_UNAVAILABLE. */
MUST_CHECK bool pipeline_send(struct db *db, struct error *err);

/* Asks for what was queued so far without ending the transaction: one more round trip, for the rare
 * request whose later statements need an earlier answer. Reads the rows of the first `count` statements and
 * drops those of the others. On false all is rolled back as by a failed run. */
MUST_CHECK bool pipeline_peek(
	struct db *db, struct arena *a, struct rows *rows, size_t count, struct error *err);

/* Makes what is queued from here a rehearsal: it goes out between BEGIN and ROLLBACK, in one round trip, with
 * deferred constraints looked at before the end. To be called on an empty queue. */
void pipeline_rehearse(struct db *db);

/*
 * Sync, flush, and read everything up to ReadyForQuery: only then has the transaction committed and only
 * then this returns true. rows[i] are those of the i-th statement queued since the last run that were not
 * peeked at. On false the transaction was rolled back as a whole, or the connection is closed:
 *   an SQLSTATE of core/error.h's table     its code (the message goes to operator)
 *   23505, 23P01 unique, exclusion          ERR_CONFLICT          23503 foreign key   ERR_INVALID_REQUEST
 *   23502, 23514, 22xxx (22012 is a bug)    ERR_INVALID_REQUEST   42501 privilege     ERR_FORBIDDEN
 *   40001, 40P01                            ERR_UNAVAILABLE, *again set when not NULL: try again
 *   55P03, 57014 lock, statement timeout    ERR_UNAVAILABLE
 *   25006, 25P03, 53xxx, 57P0x, 08xxx, lost ERR_UNAVAILABLE, connection closed
 *   0A000, 26000 a stale plan               ERR_INTERNAL, connection closed (a new one heals it)
 *   anything else                           ERR_INTERNAL
 * A server that does not answer within statement_ms and 2 s is asked to cancel what runs, the commit's deferred triggers
 * too, which no statement_timeout bounds: what it says then holds, be it that the transaction was rolled back or that it
 * committed. One that says nothing counts as lost, and `detail` says that the outcome is not known. A transaction still open after
 * the Sync (a statement said BEGIN) closes the connection, ERR_INTERNAL, unless db_script opened it before.
 * No text of PostgreSQL ever gets into err->detail, but for the DETAIL of TD4xx, which it raises for nobody but
 * functions that say so; of 22xxx, which quotes values, not even into operator.
 */
MUST_CHECK bool pipeline_run(
	struct db *db, struct arena *a, struct rows *rows, size_t count, bool *again, struct error *err);
/* Forgets what was queued but not run; a connection with a transaction that was peeked at, or sent, is closed. */
void pipeline_drop(struct db *db);

/* The table above as a function: from an SQLSTATE to a code, for tests and for db_script. */
enum error_code sqlstate_error(struct str sqlstate, bool *again, bool *close);

/* One or more statements outside any pipeline, by the simple protocol: migrations, BEGIN/ROLLBACK of the
 * gate, tests. The rows are of the last statement; may be NULL. ERR_… as above, but `detail` stays empty and
 * operator has the server's message, with its position when there is one. */
MUST_CHECK bool db_script(
	struct db *db, struct arena *a, struct str sql, struct rows *rows, struct error *err);
/* One statement with parameters by the extended protocol, outside any pipeline. */
MUST_CHECK bool db_query(struct db *db, struct arena *a, const char *sql, const struct value *values,
	size_t count, struct rows *rows, struct error *err);

#endif
