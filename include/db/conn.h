/*
 * One connection to PostgreSQL. Only the files of src/db use libpq. They know statements, pipelines and rows,
 * and nothing of tenants. A connection is opened with the workers' session settings (statement_timeout,
 * lock_timeout, idle_in_transaction_session_timeout, client_encoding UTF8, application_name …). Requests use
 * it through db/pipeline.h; migrations and the gate use db_script and db_query.
 */
#ifndef TENANTD_DB_CONN_H
#define TENANTD_DB_CONN_H

#include "core/arena.h"
#include "core/error.h"

struct db;

struct db_options {
	struct str url; /* libpq connection string or URI */
	const char *application_name; /* "tenantd", "tenantctl" */
	int64_t connect_ms;
	int64_t statement_ms; /* the longest a statement may take; 0: the server's own */
	int64_t lock_ms;
	/* The statement_timeout with which a session begins, which is that of requests that only read; 0:
	 * statement_ms. A transaction that writes sets statement_ms itself. */
	int64_t read_ms;
};

/* Makes a handle that is not connected yet; it keeps the pointer to the options. db_free ends it. */
struct db *db_new(const struct db_options *options);
void db_free(struct db *db);
/* Closes what was open and connects. On failure ERR_UNAVAILABLE with a text for the operator, which never
 * holds a password. */
MUST_CHECK bool db_connect(struct db *db, struct error *err);
void db_close(struct db *db);
bool db_is_connected(const struct db *db);
/* The server process's id, for the proof that is bound to it; 0 when not connected. */
int db_backend_pid(const struct db *db);
/* True when the connection is idle: no transaction, nothing in flight. */
bool db_is_idle(const struct db *db);
/* Looks, without waiting, whether the server of an idle connection is still there, and closes the
 * connection when it is not. A server that restarts says so at once; the next request then gets a new
 * connection, not a lost one. */
bool db_is_alive(struct db *db);
/* True when there was a notification since the last call (db_script says LISTEN). It knows only of what
 * other calls have read from the socket, such as db_is_alive and every run, and does not wait. */
bool db_notified(struct db *db);
/* Notes that SQL which is not ours is about to run in this session: an action or a trigger of the
 * application. What that may leave (settings, held cursors, prepared statements, locks) must not reach the
 * next request. */
void db_soil(struct db *db);
bool db_is_soiled(const struct db *db);
/* Removes all that and then runs `again`, such as "LISTEN x", in one transaction. After it the session is
 * as if it had just connected and run `again`. */
MUST_CHECK bool db_sweep(struct db *db, const char *again, struct error *err);
/* The connection's socket, or -1 when closed. A worker that waits polls it to notice that the server went
 * away. */
int db_socket(const struct db *db);
/* How often this connection was flushed to the server. Tests count the round trips of a request with it. */
uint64_t db_flushes(const struct db *db);
/* True when a large value went over this connection: libpq keeps a buffer of that size until it is closed. */
bool db_is_swollen(const struct db *db);

#endif
