/*
 * One connection to PostgreSQL. This room is the only door to libpq; it knows statements, pipelines and
 * rows, nothing of tenants. A connection is opened with the workers' session settings (statement_timeout,
 * lock_timeout, idle_in_transaction_session_timeout, client_encoding UTF8, application_name) and is only
 * ever used through db/pipeline.h (requests) or db_script (migrations, the gate).
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
	int64_t
		read_ms; /* what a session begins with, for what only reads; 0: statement_ms. A transaction that writes asks for
						statement_ms itself */
};

/* A handle that is not connected yet; the options are kept by reference. Ended by db_free. */
struct db *db_new(const struct db_options *options);
void db_free(struct db *db);
/* Connects (closing what was open). ERR_UNAVAILABLE with the operator's text; never a password in it. */
MUST_CHECK bool db_connect(struct db *db, struct error *err);
void db_close(struct db *db);
bool db_is_connected(const struct db *db);
/* The server process's id, for the proof that is bound to it; 0 when not connected. */
int db_backend_pid(const struct db *db);
/* True when the connection is idle: no transaction, nothing in flight. */
bool db_is_idle(const struct db *db);
/* Looks, without waiting, whether an idle connection's server is still there; closes it when not. A server that
 * restarts says so at once: the next request then finds a new connection instead of a lost one. */
bool db_is_alive(struct db *db);
/* True when something this connection listens to was announced since the last look (LISTEN, by db_script). What
 * has come over the socket is seen, as by db_is_alive and every run; nothing is waited for. */
bool db_notified(struct db *db);
/* Says that SQL which is not ours is about to run in this session: an action, a trigger of the application's.
 * What it may leave behind (settings, held cursors, prepared statements, locks) must not reach the next
 * request. */
void db_soil(struct db *db);
bool db_is_soiled(const struct db *db);
/* Takes all that away and then says `again`, such as "LISTEN x", in one transaction: the session is as after db_connect and
 * that. */
MUST_CHECK bool db_sweep(struct db *db, const char *again, struct error *err);
/* The connection's socket, -1 when closed: a worker that waits may see that the server went away. */
int db_socket(const struct db *db);
/* How often this connection was flushed to the server: the round trips of a request, for tests. */
uint64_t db_flushes(const struct db *db);
/* True when a large value went over this connection: libpq keeps a buffer of that size until it is closed. */
bool db_is_swollen(const struct db *db);

#endif
