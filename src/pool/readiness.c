/*
 * Whether a worker may serve: it has a connection, that connection passed the isolation gate, and nothing that the gate looks
 * at changed since. One without is alive and refuses, tries again with a growing pause, and serves as soon as the gate lets it.
 * Must never let a request meet a session that has not passed, or one that was not swept.
 */
#include "readiness.h"

#include "core/clock.h"
#include "core/log.h"
#include "repo/gate.h"

#include <malloc.h>

enum {
	PAUSE_FIRST_MS = 100, /* between two attempts to get ready: doubled up to … */
	PAUSE_LAST_MS = 5000,
	FINDINGS_LOGGED = 16,
	ATTEMPTS = 3, /* to look at walls while somebody changes tables */
	AGAIN_MS = 1000 /* when a table that was locked is looked at again */
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

static enum env any_env(const struct config *config)
{
	enum env e = ENV_DEV;
	while (e < ENV_PROD && !config->tenancy.env_allowed[e])
		e++;
	return e;
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

/* The tables that nothing is served from until the gate could look at them. */
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

/* The gate, and its findings in the log: each names the table or role, what was tried and what mends it. What somebody set
 * for the workers' role is taken back: *mended says that the session began with it, and another is to be made. */
static bool passes_gate(struct readiness *r, bool *mended, struct error *err)
{
	struct gate_report report;
	uint64_t mark;
	arena_reset(r->gate);
	/* Before the gate: what changes meanwhile is noticed afterwards. */
	if (!gate_mark(r->db, r->gate, &mark, err) ||
		!gate_run(&r->server->source, r->gate, any_env(r->server->config), &report, err))
		return false;
	r->mark = mark;
	log_findings(&report);
	*mended = report.open == 0 && gate_mend_own(r->db, r->gate, &report) > 0;
	r->server->is_open = report.open > 0 || !keep_closed(r, &report);
	if (!r->server->is_open)
		return true;
	metrics_count(COUNT_GATE_FAILURES);
	return error_log(err, ERR_ISOLATION_FAILED,
		"the isolation gate found %zu openings; the worker refuses to serve", report.open);
}

/* The resources as they are now; the old ones stay when they cannot be read. */
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
	r->server->is_ready = false; /* a new connection reads them anew */
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

/* A session that passed the gate, swept of what code of the application left there, listening before it reads: what is
 * registered meanwhile is announced. Somebody who makes and drops tables meanwhile can make a look at them fail: then it is
 * looked again. */
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
	r->server->is_open = false; /* for the gate to say anew, if there is a database to ask */
	r->server->is_ready = db_connect(r->db, &err) && passes(r, &mended, &err);
	/* A session that began with settings which were taken back since is not served with. */
	if (r->server->is_ready && mended)
		r->server->is_ready = db_connect(r->db, &err) && passes(r, &mended, &err);
	if (r->server->is_ready) {
		r->was_ready = true;
		r->pause_ms = PAUSE_FIRST_MS;
		LOG(INFO, "worker.ready", LOG_INT("slot", r->slot - r->board->slots),
			LOG_INT("backend", db_backend_pid(r->db)));
	} else {
		refuse(r, &err);
	}
	(void)malloc_trim(0); /* what that took a request will not */
}

/* One worker at a time asks whether anything changed that the gate looks at, and says so to all. */
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

/* True when something changed since this worker passed the gate, or a table was locked then. */
static bool is_suspect(const struct readiness *r, int64_t now_us)
{
	uint64_t mark = atomic_load(&r->board->gate_mark);
	return (mark != 0 && mark != r->mark) || (r->closed_count > 0 && now_us >= r->again_at_us);
}

/* Passes the gate anew, on the session that serves, when something changed since or a table was locked then: a hole that is
 * opened while a worker serves ends its serving. */
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
	/* What passed is newer than what was asked: the next look says whether something changed since. */
	if (r->server->is_ready && mark != 0)
		r->mark = mark;
}

/* True when the connection is there and idle; a lost one is made anew, at once the first time. */
void readiness_find(struct readiness *r)
{
	readiness_keep(r); /* what one worker saw holds for the next request of each */
	if (r->server->is_ready && !db_is_alive(r->db)) {
		r->server->is_ready = false;
		r->try_at_us = 0;
	}
	if (r->server->is_ready && (db_notified(r->db) || r->is_catalog_suspect))
		renew_catalog(r);
	if (!r->server->is_ready && clock_mono_us() >= r->try_at_us)
		get_ready(r);
}

/* What an action or a trigger of the application's may have left in the session goes, before the next request:
 * after the answer, for nobody needs to wait for it. A session that cannot be swept is not used again. */
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

/* libpq keeps the buffer of the largest value it ever sent: a connection that carried a large one ([limits] body may be
 * set so high) is made anew, now that its caller has the answer. */
void readiness_give_back(struct readiness *r)
{
	if (!r->server->is_ready || !db_is_swollen(r->db))
		return;
	db_close(r->db);
	r->server->is_ready = false;
	r->try_at_us = 0;
}
