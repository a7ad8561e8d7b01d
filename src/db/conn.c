/*
 * Opens, watches and closes the one connection of a process. The settings of the session are sent in the
 * startup packet, so that a connect costs no further round trip. Every wait has a deadline, so that a server
 * that went silent cannot hold a worker. Must never print a connection string: it may hold a password.
 */
#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "session.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

struct db *db_new(const struct db_options *options)
{
	struct db *db = calloc(1, sizeof(*db));
	if (!db)
		out_of_memory();
	db->options = options;
	return db;
}

static void forget_statements(struct db *db)
{
	db->known_count = 0;
	memset(db->known, 0, sizeof(db->known));
}

/* Asks the server to end what it is doing. What was deferred to the commit runs under no
 * statement_timeout, and it may still commit after we closed the connection. So the server is asked, and
 * we wait for its answer once more. False when it was asked before. PQcancel waits for the server without
 * a bound, so that a child does it, which db_close ends. */
static bool cancel(struct db *db)
{
	char why[256];
	if (db->is_cancelled)
		return false;
	db->is_cancelled = true;
	PGcancel *c = PQgetCancel(db->pg);
	db->canceller = c ? fork() : -1;
	if (db->canceller == 0)
		_exit(PQcancel(c, why, sizeof(why)) ? 0 : 1);
	PQfreeCancel(c);
	return db->canceller > 0;
}

static void end_canceller(struct db *db)
{
	if (db->canceller > 0) {
		kill(db->canceller, SIGKILL);
		while (waitpid(db->canceller, NULL, 0) < 0 && errno == EINTR)
			;
	}
	db->canceller = 0;
}

void db_close(struct db *db)
{
	end_canceller(db);
	PQfinish(db->pg);
	db->pg = NULL;
	db->is_in_block = db->is_peeked = db->is_ended = db->is_rehearsal = db->has_begun = false;
	db->is_soiled = db->is_swollen = db->is_cancelled = false;
	db->queued = 0;
	forget_statements(db);
}

void db_free(struct db *db)
{
	if (!db)
		return;
	db_close(db);
	free(db);
}

bool db_is_connected(const struct db *db)
{
	return db->pg != NULL;
}

int db_backend_pid(const struct db *db)
{
	return db->pg ? PQbackendPID(db->pg) : 0;
}

bool db_is_idle(const struct db *db)
{
	return db->pg && db->queued == 0 && !db->is_peeked && PQtransactionStatus(db->pg) == PQTRANS_IDLE;
}

bool db_is_alive(struct db *db)
{
	if (!db->pg)
		return false;
	struct pollfd p = { .fd = PQsocket(db->pg), .events = POLLIN };
	while (!db->is_ended && poll(&p, 1, 0) > 0)
		if (!PQconsumeInput(db->pg))
			db->is_ended = true;
		else
			(void)PQisBusy(db->pg); /* takes the notices out of what was read */
	if (db->is_ended)
		db_close(db);
	return db->pg != NULL;
}

bool db_notified(struct db *db)
{
	bool any = false;
	PGnotify *n;
	while (db->pg && (n = PQnotifies(db->pg))) {
		any = true;
		PQfreemem(n);
	}
	return any;
}

int db_socket(const struct db *db)
{
	return db->pg ? PQsocket(db->pg) : -1;
}

bool db_is_swollen(const struct db *db)
{
	return db->is_swollen;
}

uint64_t db_flushes(const struct db *db)
{
	return db->flushes;
}

int64_t db_deadline(const struct db *db)
{
	if (db->options->statement_ms <= 0)
		return INT64_MAX;
	return clock_mono_us() + (db->options->statement_ms + SLACK_MS) * 1000;
}

bool db_wait(const struct db *db, short events, int64_t deadline_us)
{
	struct pollfd p = { .fd = PQsocket(db->pg), .events = events };
	for (;;) {
		int timeout = -1;
		if (deadline_us != INT64_MAX) {
			int64_t left = (deadline_us - clock_mono_us() + 999) / 1000;
			if (left <= 0)
				return false;
			timeout = left > INT_MAX ? INT_MAX : (int)left;
		}
		int ready = poll(&p, 1, timeout);
		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return false;
	}
}

bool db_flush(struct db *db, int64_t deadline_us)
{
	int left;
	while ((left = PQflush(db->pg)) > 0)
		if (!db_wait(db, POLLIN | POLLOUT, deadline_us) || !PQconsumeInput(db->pg))
			return false;
	return left == 0;
}

bool db_next(struct db *db, int64_t deadline_us, PGresult **result)
{
	if (db->is_cancelled)
		deadline_us += CANCEL_MS * 1000;
	while (PQisBusy(db->pg))
		if (db_wait(db, POLLIN, deadline_us)) {
			if (!PQconsumeInput(db->pg))
				return false;
		} else if (cancel(db)) {
			deadline_us += CANCEL_MS * 1000;
		} else {
			return false;
		}
	*result = PQgetResult(db->pg);
	return true;
}

bool db_lost(struct db *db, int64_t deadline_us, struct error *err)
{
	if (!db->pg)
		return error_log(err, ERR_UNAVAILABLE, "database: not connected");
	char why[ERROR_TEXT / 2];
	db_first_line(why, sizeof(why), PQerrorMessage(db->pg));
	if (PQstatus(db->pg) == CONNECTION_OK && clock_mono_us() >= deadline_us)
		snprintf(
			why, sizeof(why), "no answer within %lld ms", (long long)(db->options->statement_ms + SLACK_MS));
	db_close(db);
	return error_log(
		err, ERR_UNAVAILABLE, "database connection lost: %s", why[0] ? why : "the server closed it");
}

void db_first_line(char *out, size_t size, const char *message)
{
	size_t len = strcspn(message ? message : "", "\r\n");
	if (len > size - 1)
		len = size - 1;
	if (len > 0)
		memcpy(out, message, len);
	out[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)out[i] < 0x20 || out[i] == 0x7f)
			out[i] = ' ';
}

/* No code of ours needs the server's notices: they go to the log, and never to stderr as libpq would have
 * it. */
static void notice(void *handle, const PGresult *result)
{
	struct db *db = handle;
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	if (severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0))
		db->is_ended = true; /* libpq turns an error into a notice when no query is running */
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	LOG(DEBUG, "database_notice", LOG_C("sqlstate", state), LOG_C("text", text));
}

/* The value of a keyword in a parsed connection string, or "". */
static const char *value_of(const PQconninfoOption *all, const char *keyword)
{
	for (; all->keyword; all++)
		if (strcmp(all->keyword, keyword) == 0)
			return all->val ? all->val : "";
	return "";
}

/* When '@', ':' or '/' in a password is not percent-encoded, a part of the password becomes the host or
 * the port, and libpq would name it in its error, which is logged. So host and port are checked before
 * libpq uses them. */
static bool is_well_formed(const PQconninfoOption *all)
{
	const char *host = value_of(all, "host"), *port = value_of(all, "port");
	return strspn(port, "0123456789,") == strlen(port) && !strchr(host[0] == '@' ? host + 1 : host, '@');
}

/* The same list, separated by commas, beginning with another of its members. */
static const char *rotated(struct arena *a, const char *list, size_t first)
{
	const char *from = list;
	size_t count = 1;
	for (const char *at = list; *at; at++)
		count += *at == ',';
	for (size_t i = first % count; i > 0; i--)
		from = strchr(from, ',') + 1;
	if (from == list)
		return arena_cstr(a, str_c(list));
	return arena_printf(a, "%s,%.*s", from, (int)(from - list) - 1, list).at;
}

static bool start(struct db *db, struct arena *a, struct error *err)
{
	const char *url = arena_cstr(a, db->options->url);
	char *unsaid = NULL; /* libpq's own words may quote the string */
	PQconninfoOption *all = PQconninfoParse(url, &unsaid);
	PQfreemem(unsaid);
	if (!all || !is_well_formed(all)) {
		PQconninfoFree(all);
		return error_log(err, ERR_UNAVAILABLE,
			"malformed connection string, see [database] url and admin_url; in a URI percent-encode the "
			"password");
	}
	struct str options;
	bool fits = session_options(a, db->options, value_of(all, "options"), &options, err);
	const char *const keywords[] = { "dbname", "host", "hostaddr", "port", "application_name",
		"client_encoding", "options", NULL };
	const char *const values[] = { url, rotated(a, value_of(all, "host"), db->first_host),
		rotated(a, value_of(all, "hostaddr"), db->first_host),
		rotated(a, value_of(all, "port"), db->first_host), db->options->application_name, "UTF8", options.at,
		NULL };
	PQconninfoFree(all);
	if (!fits)
		return false;
	db->pg = PQconnectStartParams(keywords, values, 1);
	if (!db->pg)
		out_of_memory();
	PQsetNoticeReceiver(db->pg, notice, db);
	return true;
}

static bool failed(struct db *db, struct error *err)
{
	char why[ERROR_TEXT - 32];
	db_first_line(why, sizeof(why), PQerrorMessage(db->pg));
	const char *password = PQpass(db->pg);
	if (password && password[0] && strstr(why, password))
		why[0] = '\0';
	return error_log(err, ERR_UNAVAILABLE, "cannot reach the database: %s", why[0] ? why : "refused");
}

/* Goes through the handshake. (libpq looks up the name of a host by itself, and the deadline does not
 * cover that.) */
static bool await(struct db *db, struct error *err)
{
	int64_t deadline = clock_mono_us() + db->options->connect_ms * 1000;
	PostgresPollingStatusType want = PGRES_POLLING_WRITING;
	while (PQstatus(db->pg) != CONNECTION_BAD && want != PGRES_POLLING_FAILED) {
		if (want == PGRES_POLLING_OK)
			return true;
		if (!db_wait(db, want == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
			return error_log(err, ERR_UNAVAILABLE, "cannot reach the database: no answer within %lld ms",
				(long long)db->options->connect_ms);
		want = PQconnectPoll(db->pg);
	}
	return failed(db, err);
}

/* Checks what this code relies on in a session: T55. */
static bool is_as_expected(struct db *db, struct error *err)
{
	static const char *const expected[][2] = {
		{ "server_encoding", "UTF8" },
		{ "client_encoding", "UTF8" },
		{ "integer_datetimes", "on" },
		{ "standard_conforming_strings", "on" },
	};
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		const char *is = PQparameterStatus(db->pg, expected[i][0]);
		if (!is || strcmp(is, expected[i][1]) != 0)
			return error_log(err, ERR_UNAVAILABLE, "the database's %s is '%s' and must be '%s'",
				expected[i][0], is ? is : "", expected[i][1]);
	}
	return true;
}

bool db_connect(struct db *db, struct error *err)
{
	db_close(db);
	struct arena *a = arena_new(4096);
	uint64_t drawn;
	if (getrandom(&drawn, sizeof(drawn), 0) != sizeof(drawn))
		BUG("no randomness");
	snprintf(db->nonce, sizeof(db->nonce), ".%016llx", (unsigned long long)drawn);
	bool ok = start(db, a, err) && await(db, err) && is_as_expected(db, err);
	arena_free(a);
	if (ok && (PQsetnonblocking(db->pg, 1) != 0 || !PQenterPipelineMode(db->pg)))
		ok = failed(db, err);
	metrics_count(ok ? COUNT_DB_CONNECTS : COUNT_DB_FAILURES);
	if (!ok) {
		/* libpq goes on to the next of several hosts when one refuses, but not when one is silent, or hangs up after
		 * it let us in, as a proxy does whose server is gone. So the next attempt begins with the next host. */
		db->first_host++;
		db_close(db);
	}
	return ok;
}

void db_soil(struct db *db)
{
	db->is_soiled = true;
}

bool db_is_soiled(const struct db *db)
{
	return db->is_soiled;
}

/* The parts of DISCARD ALL, which itself cannot run in a transaction; and a new seed of random(), which
 * DISCARD ALL does not reset. All in one transaction, so that no notification is missed between UNLISTEN
 * and the LISTEN in `again`. */
static const char sweeping[] =
	"CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; DEALLOCATE ALL; UNLISTEN *; DISCARD PLANS; "
	"DISCARD TEMP; "
	"DISCARD SEQUENCES; SELECT pg_catalog.pg_advisory_unlock_all(), "
	"pg_catalog.setseed(('x' || pg_catalog.left(pg_catalog.gen_random_uuid()::text, 8))::bit(32)::integer / "
	"2147483648.0)";

bool db_sweep(struct db *db, const char *again, struct error *err)
{
	struct arena *a = arena_new(4096);
	/* DISCARD ALL but for UNLISTEN: a notice that comes meanwhile is not to be missed. */
	bool swept = db_script(db, a, arena_printf(a, "%s; %s", sweeping, again), NULL, err);
	arena_free(a);
	forget_statements(db);
	db->is_soiled = false;
	return swept;
}
