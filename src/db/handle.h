/* The inside of struct db. Private to the db room. */
#ifndef TENANTD_DB_HANDLE_H
#define TENANTD_DB_HANDLE_H

#include "db/pipeline.h"
#include <libpq-fe.h>
#include <sys/types.h>

enum {
	SLACK_MS =
		2000, /* how much longer than statement_ms an answer may take before the server counts as dead */
	CANCEL_MS = 1500, /* how long the server may take to end what it was asked to end */
	SWOLLEN = 2 * 1024 * 1024, /* after a value of so many bytes, libpq's buffer is too large to be kept */
	KNOWN_MAX = 1024, /* statements one connection remembers; what comes after is parsed each time */
	KNOWN_SLOTS = 2 * KNOWN_MAX
};

/* A statement that waits for the next run. It is kept here and not in libpq's buffer, because what is in
 * that buffer cannot be taken back. */
struct queued {
	const struct statement *statement;
	const char *const *values; /* in the arena given to pipeline_add */
	const int *lengths, *formats; /* NULL: all of them are texts */
	int count;
	bool is_binary; /* its rows come in binary form */
	bool has_name;
	bool is_parsed_here; /* a Parse is sent before it */
	size_t times, sent; /* how often it is to run, and how often it was sent already */
	struct row_taker taker; /* takes its rows; when .take is NULL, they are kept */
};

struct db {
	const struct db_options *options;
	PGconn *pg; /* NULL when closed */
	size_t first_host; /* of several hosts, the one that is tried first; those before it come last */
	uint64_t flushes;
	bool is_soiled; /* foreign SQL ran since db_connect or db_sweep */
	char nonce[18]; /* at the end of the names of this connection's statements: a dot, 16 hex digits */
	bool is_in_block; /* db_script left a transaction open; a run happens inside it and leaves it open */
	bool is_peeked; /* an implicit transaction waits for its Sync */
	bool is_rehearsal; /* the run is sent between BEGIN and ROLLBACK */
	bool has_begun; /* the rehearsal's BEGIN was answered */
	bool is_swollen; /* libpq's buffer grew for a large value, and does not shrink */
	bool is_cancelled; /* the server was asked to end what is running: the connection is not used again */
	pid_t canceller; /* the child that asks it; 0: none */
	bool is_ended; /* the server said that it ends the session, while no query was running */
	size_t queued;
	struct queued queue[PIPELINE_MAX];
	size_t known_count;
	const struct statement *known[KNOWN_SLOTS]; /* prepared on this connection; hashed by address */
};

/* When an answer that is asked for now is late, by clock_mono_us; INT64_MAX when the options name no
 * bound. */
int64_t db_deadline(const struct db *db);
/* Waits until the socket is ready for any of `events`; false when the deadline passed. */
MUST_CHECK bool db_wait(const struct db *db, short events, int64_t deadline_us);
/* Sends what libpq holds. It reads at the same time, so that the two sides never wait for each other. */
MUST_CHECK bool db_flush(struct db *db, int64_t deadline_us);
/* The next result, or NULL after the last one of a statement; false when the server is lost or late. At
 * the deadline the server is asked to cancel what is running, and then has CANCEL_MS to answer. */
MUST_CHECK bool db_next(struct db *db, int64_t deadline_us, PGresult **result);
/* Closes a connection that cannot be used any more: ERR_UNAVAILABLE with libpq's message, or "no answer". */
bool db_lost(struct db *db, int64_t deadline_us, struct error *err);

/* Turns a failed result into an error (sqlstate.c). `where` names the statement and may be empty. `sql` is
 * the text in which lines are counted, or empty. *close becomes true when the connection must not be used
 * again. */
bool db_refused(
	const PGresult *result, const char *where, struct str sql, bool *again, bool *close, struct error *err);
/* The first line of a message of libpq, without control characters. */
void db_first_line(char *out, size_t size, const char *message);

/* Fills rows from a good result, which the arena adopts (rows.c). `rows` may be NULL. */
void rows_take(struct rows *rows, struct arena *a, PGresult *result);

#endif
