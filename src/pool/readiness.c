/*
 * Decides whether a worker may serve: it must have a connection that passed the isolation gate, and nothing that the gate
 * checks may have changed since. A worker that is not ready refuses requests, tries again after a growing pause, and
 * serves as soon as the gate lets it. A request must never use a session that has not passed the gate or was not swept.
 */
#include "readiness.h"

#include "core/clock.h"
#include "core/log.h"
#include "repo/cutover.h"
#include "repo/gate.h"

#include <malloc.h>

enum {
	PAUSE_FIRST_MS = 100, /* the pause between two attempts to get ready, doubled each time … */
	PAUSE_LAST_MS = 5000, /* … up to this */
	FINDINGS_LOGGED = 16,
	ATTEMPTS = 3, /* how often the gate is run when it fails because somebody is changing tables */
	AGAIN_MS = 1000 /* after this a table that was locked is checked again */
};

void readiness_init(
	struct readiness *r, struct server *server, struct scoreboard *board, struct slot *slot, struct db *db)
{
	*r = (struct readiness){ .server = server, .board = board, .slot = slot, .db = db };
	r->gate = arena_new(LIMIT_REQUEST_POOL);
}

void readiness_release(struct readiness *r)
{
	if (r->catalog)
		arena_free(r->catalog);
	arena_free(r->gate);
}

static void log_findings(const struct gate_report *report)
{
	static const char *const events[] = { "isolation.note", "isolation.closed", "isolation.open" };
	for (size_t i = 0, n = 0; i < report->count && n < FINDINGS_LOGGED; i++) {
		const struct gate_check *c = &report->checks[i];
		if (str_is_empty(c->finding))
			continue;
		n++;
		const struct log_field fields[] = { LOG_STR("object", c->object), LOG_STR("attempt", c->attempt),
			LOG_STR("finding", c->finding), LOG_STR("mend", c->mend) };
		log_event(c->stops == STOPS_NOTHING ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, events[c->stops], fields,
			COUNT_OF(fields));
	}
}

/* Keeps the list of tables that are not served until the gate could check them. False when there are too many. */
static bool keep_closed(struct readiness *r, const struct gate_report *report)
{
	r->closed_count = 0;
	for (size_t i = 0; i < report->count; i++) {
		const struct gate_check *c = &report->checks[i];
		struct str kind, table = str_split(c->object, ' ', &kind);
		if (str_is_empty(c->finding) || c->stops != STOPS_RESOURCE)
			continue;
		if (r->closed_count == CLOSED_MAX)
			return false;
		r->closed[r->closed_count++] = table;
	}
	r->again_at_us = clock_mono_us() + AGAIN_MS * 1000;
	return true;
}

/* Runs the gate and logs its findings: each names the table or role, what was tried, and what repairs it. Settings that
 * somebody made for the workers' role are taken back. *mended then tells that this session began with them and that a
 * new one is needed. */
static bool passes_gate(struct readiness *r, bool *mended, struct error *err)
{
	struct gate_report report;
	uint64_t mark;
	arena_reset(r->gate);
	/* The mark is read before the gate runs, so that a change during the run is noticed afterwards. */
	if (!gate_mark(r->db, r->gate, &mark, err) ||
		!gate_run(&r->server->source, r->gate, config_any_env(r->server->config), &report, err))
		return false;
	r->mark = mark;
	log_findings(&report);
	*mended = report.open == 0 && gate_mend_own(r->db, r->gate, &report) > 0;
	r->server->is_open = report.open > 0 || !keep_closed(r, &report);
	if (!r->server->is_open)
		return true;
	/* The others look for themselves before their next request, and not only when the next look is due. */
	atomic_store(&r->board->gate_mark, mark);
	metrics_count(COUNT_GATE_FAILURES);
	return error_log(err, ERR_ISOLATION_FAILED,
		"the isolation gate found %zu openings; the worker refuses to serve", report.open);
}

/* Reads the resources as they are now. When that fails the old ones stay. */
static bool read_catalog(struct readiness *r, struct error *err)
{
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	struct catalog_rows rows;
	struct catalog catalog;
	if (!resources_read(r->db, a, &rows, err) || !catalog_load(&catalog, a, &rows, err)) {
		arena_free(a);
		return false;
	}
	if (r->catalog)
		arena_free(r->catalog);
	r->catalog = a;
	r->is_catalog_suspect = false;
	r->server->catalog = catalog;
	for (size_t i = 0; i < r->closed_count; i++)
		catalog_close(&r->server->catalog, r->closed[i]);
	LOG(INFO, "worker.resources", LOG_INT("count", catalog.count));
	return true;
}

static void renew_catalog(struct readiness *r)
{
	struct error err = ERROR_INIT, first = ERROR_INIT;
	if (read_catalog(r, &first) || (db_is_connected(r->db) && read_catalog(r, &err)))
		return;
	LOG(ERROR, "worker.resources", LOG_C("why", err.operator));
	r->server->is_ready = false; /* the worker makes a new connection and reads them again */
	r->try_at_us = 0;
}

static void refuse(struct readiness *r, const struct error *err)
{
	db_close(r->db);
	r->server->is_ready = false;
	LOG(ERROR, "worker.refuses", LOG_C("why", err->operator));
	r->try_at_us = clock_mono_us() + r->pause_ms * 1000;
	r->pause_ms = r->pause_ms == 0 ? PAUSE_FIRST_MS : r->pause_ms * 2;
	if (r->pause_ms > PAUSE_LAST_MS)
		r->pause_ms = PAUSE_LAST_MS;
}

/* Makes a session ready: it passes the gate, is swept of what code of the application left in it, and has the resources
 * read. It listens for registrations before it reads, so none is missed. When somebody creates and drops tables at the
 * same time a query can fail, so there are several attempts. */
static bool passes(struct readiness *r, bool *mended, struct error *err)
{
	for (int attempt = 1;; attempt++) {
		if (passes_gate(r, mended, err) && resources_sweep(r->db, err) && read_catalog(r, err))
			return true;
		if (r->server->is_open || !db_is_connected(r->db) || attempt == ATTEMPTS)
			return false;
		LOG(WARN, "isolation.again", LOG_C("why", err->operator));
		*err = (struct error)ERROR_INIT;
	}
}

static void get_ready(struct readiness *r)
{
	struct error err = ERROR_INIT;
	bool was_first = r->pause_ms == 0, mended = false;
	atomic_store(&r->slot->state, was_first ? WORKER_STARTING : WORKER_REFUSING);
	r->server->is_open = false; /* the gate sets it again if the database can be reached */
	r->server->is_ready = db_connect(r->db, &err) && passes(r, &mended, &err);
	/* A session that began with settings that were then taken back must not serve, so a new one is made. */
	if (r->server->is_ready && mended)
		r->server->is_ready = db_connect(r->db, &err) && passes(r, &mended, &err);
	/* It is asked once: what other servers note later does not stop this one. */
	if (r->server->is_ready && !r->was_ready)
		r->server->is_ready = cutover_is_allowed(r->db, r->gate, r->server->config, &err);
	r->server->is_refused = err.code == ERR_CONTEXT_REFUSED;
	if (r->server->is_ready) {
		r->was_ready = true;
		r->pause_ms = PAUSE_FIRST_MS;
		LOG(INFO, "worker.ready", LOG_INT("slot", r->slot - r->board->slots),
			LOG_INT("backend", db_backend_pid(r->db)));
	} else {
		refuse(r, &err);
	}
	(void)malloc_trim(0); /* getting ready takes much more memory than a request does */
}

/* Asks whether anything changed that the gate checks, and writes the answer on the scoreboard for all workers. Only one
 * worker does so at a time. */
static void look_at_walls(struct readiness *r, int64_t now_us)
{
	int64_t due = atomic_load(&r->board->gate_at_us);
	struct error err = ERROR_INIT;
	uint64_t mark;
	if (now_us < due ||
		!atomic_compare_exchange_strong(
			&r->board->gate_at_us, &due, now_us + r->server->config->tenancy.gate_interval * 1000000))
		return;
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	if (gate_mark(r->db, a, &mark, &err))
		atomic_store(&r->board->gate_mark, mark);
	else
		LOG(WARN, "isolation.unseen", LOG_C("why", err.operator));
	arena_free(a);
}

/* True when something changed since this worker passed the gate, or when a table that was locked then is due to be
 * checked again. */
static bool is_suspect(const struct readiness *r, int64_t now_us)
{
	uint64_t mark = atomic_load(&r->board->gate_mark);
	return (mark != 0 && mark != r->mark) || (r->closed_count > 0 && now_us >= r->again_at_us);
}

/* Runs the gate again on the current session when that is needed. When somebody breaks the isolation while a worker
 * serves, the worker stops serving. */
void readiness_keep(struct readiness *r)
{
	int64_t now_us = clock_mono_us();
	bool looks = now_us >= atomic_load(&r->board->gate_at_us);
	if (!r->server->is_ready || (!looks && !is_suspect(r, now_us)) || !db_is_alive(r->db))
		return;
	if (looks)
		look_at_walls(r, now_us);
	if (!is_suspect(r, now_us))
		return;
	uint64_t mark = atomic_load(&r->board->gate_mark);
	struct error err = ERROR_INIT;
	bool mended = false;
	if (passes(r, &mended, &err))
		LOG(INFO, "isolation.proven", LOG_INT("slot", r->slot - r->board->slots));
	else
		refuse(r, &err);
	/* The gate has just passed, so it saw at least the state of this mark. A later change is noticed at the next look. */
	if (r->server->is_ready && mark != 0)
		r->mark = mark;
}

/* Sets server->is_ready when the connection can be used. A lost one is replaced, at once the first time. */
void readiness_find(struct readiness *r)
{
	readiness_keep(r); /* a change that one worker has noticed affects the next request of every worker */
	if (r->server->is_ready && !db_is_alive(r->db)) {
		r->server->is_ready = false;
		r->try_at_us = 0;
	}
	if (r->server->is_ready && (db_notified(r->db) || r->is_catalog_suspect))
		renew_catalog(r);
	if (!r->server->is_ready && clock_mono_us() >= r->try_at_us)
		get_ready(r);
}

/* Removes what an action or a trigger of the application may have left in the session. It runs after the answer, so that
 * no caller waits for it, and before the next request. A session that cannot be swept is not used again. */
void readiness_sweep(struct readiness *r)
{
	if (!db_is_connected(r->db) || !db_is_soiled(r->db))
		return;
	struct error err = ERROR_INIT;
	if (!resources_sweep(r->db, &err)) {
		LOG(WARN, "worker.sweep", LOG_C("why", err.operator));
		db_close(r->db);
	}
}

/* libpq keeps the buffer of the largest value that it ever sent. So a connection that carried a large one ([limits] body
 * can allow that) is replaced once its caller has the answer. */
void readiness_give_back(struct readiness *r)
{
	if (!r->server->is_ready || !db_is_swollen(r->db))
		return;
	db_close(r->db);
	r->server->is_ready = false;
	r->try_at_us = 0;
}
