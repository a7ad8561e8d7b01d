/* The inside of struct db, for the files of this room alone. */
#ifndef TENANTD_DB_HANDLE_H
#define TENANTD_DB_HANDLE_H

#include "db/pipeline.h"
#include <libpq-fe.h>
#include <sys/types.h>

enum {
	SLACK_MS =
		2000, /* how much longer than statement_ms an answer may take before the server counts as dead */
	CANCEL_MS = 1500, /* how long the server may take to end what it was asked to end */
	SWOLLEN = 2 * 1024 * 1024, /* bytes of one value behind which libpq's buffer is not kept */
	KNOWN_MAX = 1024, /* statements one connection remembers; what comes after is parsed each time */
	KNOWN_SLOTS = 2 * KNOWN_MAX
};

/* A statement that waits for the next run. Kept here and not in libpq's buffer, for what is there cannot be
 * taken back. */
struct queued {
	const struct statement *statement;
	const char *const *values; /* in the arena given to pipeline_add */
	const int *lengths, *formats; /* NULL: all of them are texts */
	int count;
	bool is_binary; /* its rows */
	bool has_name;
	bool is_parsed_here; /* the Parse goes along */
	size_t times, sent; /* how often it is to run, and was sent already */
	struct row_taker taker; /* of its rows; .take is NULL: they are kept */
};

struct db {
	const struct db_options *options;
	PGconn *pg; /* NULL when closed */
	uint64_t flushes;
	bool is_soiled; /* foreign SQL ran since db_connect or db_sweep */
	char nonce[18]; /* at the end of the names of this connection's statements: a dot, 16 hex digits */
	bool is_in_block; /* db_script left a transaction open, and a run may find and leave it so */
	bool is_peeked; /* an implicit transaction waits for its Sync */
	bool is_rehearsal; /* the run goes between BEGIN and ROLLBACK */
	bool has_begun; /* the rehearsal's BEGIN was answered */
	bool is_swollen; /* libpq's buffer grew for a large value, and does not shrink */
	bool is_cancelled; /* the server was asked to end what is running: the connection is not used again */
	pid_t canceller; /* the child that asks; 0: none */
	bool is_ended; /* the server said so while nothing was asked */
	size_t queued;
	struct queued queue[PIPELINE_MAX];
	size_t known_count;
	const struct statement *known[KNOWN_SLOTS]; /* prepared on this connection; hashed by address */
};

/* Absolute, in clock_mono_us; INT64_MAX when the options name no bound. */
int64_t db_deadline(const struct db *db);
/* Waits until the socket is ready for any of `events`; false when the deadline passed. */
MUST_CHECK bool db_wait(const struct db *db, short events, int64_t deadline_us);
/* Sends what libpq holds, reading meanwhile so that neither side waits for the other. */
MUST_CHECK bool db_flush(struct db *db, int64_t deadline_us);
/* The next result, NULL at the end of a statement's results; false when the server is lost or late. At the deadline the
 * server is asked to cancel what runs, and has CANCEL_MS to say what became of it. */
MUST_CHECK bool db_next(struct db *db, int64_t deadline_us, PGresult **result);
/* Closes a connection that is of no more use: ERR_UNAVAILABLE with libpq's words, or "no answer". */
bool db_lost(struct db *db, int64_t deadline_us, struct error *err);

/* What a failed result says, as an error (sqlstate.c). `where` names the statement and may be empty; `sql`
 * is the text to count lines in, or empty. True in *close when the connection must not be used again. */
bool db_refused(
	const PGresult *result, const char *where, struct str sql, bool *again, bool *close, struct error *err);
/* The first line of a message of libpq, without control characters. */
void db_first_line(char *out, size_t size, const char *message);

/* Fills rows from a good result, which the arena adopts (rows.c). `rows` may be NULL. */
void rows_take(struct rows *rows, struct arena *a, PGresult *result);

#endif
