/*
 * One worker's life: get ready (connect, pass the isolation gate), then wait, read, dispatch, answer, wipe, for
 * as long as it lives. A worker without a database that passed the gate is alive and refuses: it answers 503
 * at once, tries again with a growing pause, and serves as soon as the gate lets it. Nothing of a request
 * outlives arena_reset.
 */
#include "pool/worker.h"

#include "app/dispatch.h"
#include "core/clock.h"
#include "core/log.h"
#include "crypto/context_key.h"
#include "crypto/digest.h"
#include "http/fcgi_io.h"
#include "pool/scoreboard_print.h"
#include "pool/turns.h"
#include "pool/worker_signals.h"
#include "repo/gate.h"

#include <malloc.h>
#include <pwd.h>
#include <unistd.h>

enum {
	PAUSE_FIRST_MS = 100, /* between two attempts to get ready: doubled up to … */
	PAUSE_LAST_MS = 5000,
	WAIT_MS = 1000, /* how long a worker waits before it looks at its age */
	FINDINGS_LOGGED = 16,
	LARGE = 512 * 1024 /* bytes */
};

struct worker {
	struct server server;
	struct slot *slot;
	struct arena *life; /* the process's */
	struct arena *request;
	struct arena *catalog; /* server.catalog's; swapped whole */
	bool
		is_catalog_suspect; /* a request failed, perhaps because a table was changed and not registered anew */
	struct fcgi *fcgi;
	const struct byte_source *body; /* of the request in hand, when it is streamed */
	struct db *db;
	int64_t pause_ms;
	int64_t try_at_us; /* clock_mono_us of the next attempt to get ready */
	int64_t served; /* requests of this life */
	int64_t old_at_us; /* clock_mono_us when it is due for its age; 0: never */
	bool was_ready; /* once at least */
	bool is_leaving;
};

/* /metrics asks the pool, and a request for its tenant's turn; there is one per process, and it holds no tenant. */
static struct scoreboard *board;
static struct {
	size_t slot;
	size_t share;
	struct str key;
} turn;

static void print_pool_metrics(struct buf *out)
{
	scoreboard_print(board, out);
}

/* No tenant's id stands in what all workers can read. */
static uint64_t turn_digest(struct str tenant)
{
	uint8_t mac[SHA256_SIZE];
	uint64_t digest;
	digest_hmac(turn.key, tenant, mac);
	memcpy(&digest, mac, sizeof(digest));
	return digest == 0 ? 1 : digest;
}

static bool begin_turn(struct str tenant)
{
	return turn_begin(board, turn.slot, turn_digest(tenant), turn.share, clock_mono_us());
}

static void same_turn(struct str tenant, struct str as)
{
	turn_same(board, turn_digest(tenant), turn_digest(as));
}

/* With one worker there is nobody to leave room for. */
static void init_turns(const struct worker_birth *birth)
{
	size_t workers = (size_t)birth->config->server.workers;
	size_t share = (size_t)birth->config->server.tenant_share;
	turn.slot = birth->slot;
	turn.share = share > 0 ? share : workers - 1;
	turn.key = str_of((const char *)birth->turn_key, POOL_KEY);
}

static enum env any_env(const struct config *config)
{
	enum env e = ENV_DEV;
	while (e < ENV_PROD && !config->tenancy.env_allowed[e])
		e++;
	return e;
}

/* The gate, and its findings in the log: each names the table or role, and what was tried. */
static bool passes_gate(struct worker *w, struct arena *a, struct error *err)
{
	struct gate_report report;
	if (!gate_run(&w->server.source, a, any_env(w->server.config), &report, err))
		return false;
	if (report.findings == 0)
		return true;
	for (size_t i = 0, n = 0; i < report.count && n < FINDINGS_LOGGED; i++) {
		const struct gate_check *c = &report.checks[i];
		if (str_is_empty(c->finding))
			continue;
		n++;
		LOG(ERROR, "isolation.open", LOG_STR("object", c->object), LOG_STR("attempt", c->attempt),
			LOG_STR("finding", c->finding));
	}
	metrics_count(COUNT_GATE_FAILURES);
	return error_log(err, ERR_UNAVAILABLE,
		"the isolation gate found %zu openings; the worker refuses to serve", report.findings);
}

/* The resources as they are now; the old ones stay when they cannot be read. */
static bool read_catalog(struct worker *w, struct error *err)
{
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	struct catalog_rows rows;
	struct catalog catalog;
	if (!resources_read(w->db, a, &rows, err) || !catalog_load(&catalog, a, &rows, err)) {
		arena_free(a);
		return false;
	}
	if (w->catalog)
		arena_free(w->catalog);
	w->catalog = a;
	w->is_catalog_suspect = false;
	w->server.catalog = catalog;
	LOG(INFO, "worker.resources", LOG_INT("count", catalog.count));
	return true;
}

static void renew_catalog(struct worker *w)
{
	struct error err = ERROR_INIT;
	if (read_catalog(w, &err))
		return;
	LOG(ERROR, "worker.resources", LOG_C("why", err.operator));
	w->server.is_ready = false; /* a new connection reads them anew */
	w->try_at_us = 0;
}

static void get_ready(struct worker *w)
{
	struct error err = ERROR_INIT;
	struct arena *a = arena_new(LIMIT_REQUEST_POOL); /* not the request's: there may be one in hand */
	bool was_first = w->pause_ms == 0;
	atomic_store(&w->slot->state, was_first ? WORKER_STARTING : WORKER_REFUSING);
	w->server.is_ready = db_connect(w->db, &err);
	/* Listening before reading: what is registered meanwhile is announced. */
	w->server.is_ready = w->server.is_ready && passes_gate(w, a, &err) && resources_listen(w->db, a, &err) &&
		read_catalog(w, &err);
	if (w->server.is_ready) {
		w->was_ready = true;
		w->pause_ms = PAUSE_FIRST_MS;
		LOG(INFO, "worker.ready", LOG_INT("slot", w->slot - board->slots),
			LOG_INT("backend", db_backend_pid(w->db)));
	} else {
		db_close(w->db);
		LOG(ERROR, "worker.refuses", LOG_C("why", err.operator));
		w->try_at_us = clock_mono_us() + w->pause_ms * 1000;
		w->pause_ms = w->pause_ms == 0 ? PAUSE_FIRST_MS : w->pause_ms * 2;
		if (w->pause_ms > PAUSE_LAST_MS)
			w->pause_ms = PAUSE_LAST_MS;
	}
	arena_free(a);
	(void)malloc_trim(0); /* what that took a request will not */
}

/* True when the connection is there and idle; a lost one is made anew, at once the first time. */
static void look_after_database(struct worker *w)
{
	if (w->server.is_ready && !db_is_alive(w->db)) {
		w->server.is_ready = false;
		w->try_at_us = 0;
	}
	if (w->server.is_ready && (db_notified(w->db) || w->is_catalog_suspect))
		renew_catalog(w);
	if (!w->server.is_ready && clock_mono_us() >= w->try_at_us)
		get_ready(w);
}

/* True when some other worker can answer. */
static bool others_serve(const struct worker *w)
{
	size_t used = atomic_load(&board->slots_used);
	for (size_t i = 0; i < used; i++) {
		int state = atomic_load(&board->slots[i].state);
		if (&board->slots[i] != w->slot && (state == WORKER_IDLE || state == WORKER_BUSY))
			return true;
	}
	return false;
}

/* Who has never been ready may be here to replace others, under a configuration that does not work: as long as they serve
 * it leaves all connections to them. */
static bool accepts(const struct worker *w)
{
	return w->server.is_ready || w->was_ready || !others_serve(w);
}

static int wait_ms(const struct worker *w)
{
	if (w->server.is_ready)
		return WAIT_MS;
	int64_t left = (w->try_at_us - clock_mono_us()) / 1000 + 1;
	return left < 0 ? 0 : left > WAIT_MS ? WAIT_MS : (int)left;
}

/* What an action or a trigger of the application's may have left in the session goes, before the next request:
 * after the answer, for nobody needs to wait for it. A session that cannot be swept is not used again. */
static void sweep(struct worker *w)
{
	if (!db_is_connected(w->db) || !db_is_soiled(w->db))
		return;
	struct error err = ERROR_INIT;
	if (!db_sweep(w->db, &err) || !resources_listen(w->db, w->request, &err)) {
		LOG(WARN, "worker.sweep", LOG_C("why", err.operator));
		db_close(w->db);
	}
}

/* libpq keeps the buffer of the largest value it ever sent: a connection that carried a large one ([limits] body may be
 * set so high) is made anew, now that its caller has the answer. */
static void give_back(struct worker *w)
{
	if (!w->server.is_ready || !db_is_swollen(w->db))
		return;
	db_close(w->db);
	w->server.is_ready = false;
	w->try_at_us = 0;
}

/* How long a body takes is for the reader to bound, and no affair of the watchdog's, be it held or streamed. */
static bool next_piece(void *who, struct str *piece, struct error *err)
{
	struct worker *w = who;
	bool ok = w->body->next(w->body->from, piece, err);
	atomic_store(&w->slot->busy_since_us, clock_mono_us());
	return ok;
}

static void serve_one(struct worker *w)
{
	struct request req;
	struct response res;
	struct error err = ERROR_INIT;
	enum worker_state rest = w->is_leaving ? WORKER_DRAINING
		: w->server.is_ready               ? WORKER_IDLE
										   : WORKER_REFUSING;
	atomic_store(&w->slot->state, (int)rest);
	atomic_store(&w->slot->waiting_since_us, clock_mono_us());
	if (!w->is_leaving)
		fcgi_accept(w->fcgi, accepts(w));
	enum fcgi_got got = fcgi_next(w->fcgi, w->request, wait_ms(w), worker_wait_mask(), &req, &err);
	if (got != FCGI_GOT_NOTHING) {
		atomic_store(&w->slot->busy_since_us, clock_mono_us());
		look_after_database(w);
		atomic_store(&w->slot->state, w->server.is_ready ? WORKER_BUSY : WORKER_REFUSING);
		const struct byte_source body = { next_piece, w };
		w->body = req.stream;
		req.stream = w->body ? &body : NULL;
		response_init(&res, w->request);
		res.is_head = req.method == METHOD_HEAD;
		res.peer = fcgi_sink(w->fcgi);
		dispatch(&w->server, &req, got == FCGI_GOT_REFUSAL ? &err : NULL, &res);
		w->is_catalog_suspect = w->is_catalog_suspect || res.status == 500;
		bool is_sent =
			res.has_begun ? fcgi_end(w->fcgi, res.left == 0) : fcgi_answer(w->fcgi, response_print(&res));
		if (!is_sent)
			metrics_count(COUNT_FCGI_DROPPED);
		turn_end(board, turn.slot, turn.share, clock_mono_us());
		give_back(w);
		sweep(w);
		atomic_store(&w->slot->busy_since_us, 0);
		atomic_fetch_add(&w->slot->requests, 1);
		w->served++;
	} else if (err.code != ERR_NONE) {
		metrics_count(COUNT_FCGI_DROPPED);
		LOG(DEBUG, "fastcgi.dropped", LOG_C("why", err.operator));
	}
	atomic_store(&w->slot->waiting_since_us, 0);
	arena_reset(w->request);
}

static unsigned *uids_of(struct arena *a, const struct str_list *names, size_t *count)
{
	unsigned *uids = ARENA_ARRAY(a, unsigned, names->count + 1);
	*count = 0;
	for (size_t i = 0; i < names->count; i++) {
		const struct passwd *user = getpwnam(arena_cstr(a, names->at[i]));
		if (user)
			uids[(*count)++] = user->pw_uid;
		else
			LOG(WARN, "config.unknown_user", LOG_C("key", "[server] peers"), LOG_STR("name", names->at[i]));
	}
	return uids;
}

static bool init(struct worker *w, const struct worker_birth *birth, struct error *err)
{
	const struct config *c = birth->config;
	struct str key;
	size_t uid_count;
	struct db_options *options = ARENA_NEW(w->life, struct db_options);
	w->server.config = c;
	w->server.print_metrics = print_pool_metrics;
	static const struct turns turns = { begin_turn, same_turn };
	init_turns(birth);
	w->server.turns = turn.share > 0 ? &turns : NULL;
	w->server.keys = keystore_load(w->life, c, err);
	if (!w->server.keys || !context_key_read(w->life, c, &key, err))
		return false;
	*options = (struct db_options){ c->database.url, "tenantd", LIMIT_CONNECT_MS, c->limits.statement_timeout,
		c->limits.lock_timeout };
	w->db = db_new(options);
	tx_source_init(&w->server.source, w->db, key);
	w->server.source.stream_ms = c->limits.request_deadline;
	unsigned *uids = uids_of(w->life, &c->server.peers, &uid_count);
	const struct fcgi_limits limits = {
		.body = (size_t)(c->limits.body > c->limits.media ? c->limits.body : c->limits.media),
		.admits = dispatch_admits,
		.who = &w->server,
		.peer_ms = c->limits.peer_timeout,
		.request_ms = c->limits.request_deadline,
		.peer_uids = c->server.peers.count ? uids : NULL,
		.peer_uid_count = uid_count,
	};
	w->fcgi = fcgi_new(birth->listener, &limits);
	return w->fcgi || error_log(err, ERR_UNAVAILABLE, "no descriptor is left");
}

/* Having done its share it goes on serving until the master has somebody to serve in its place. */
static void ask_for_successor(struct worker *w)
{
	int64_t requests = w->server.config->server.max_requests;
	if ((requests > 0 && w->served >= requests) || (w->old_at_us > 0 && clock_mono_us() > w->old_at_us))
		atomic_store(&w->slot->is_due, true);
}

int worker_run(const struct worker_birth *birth)
{
	struct error err = ERROR_INIT;
	const struct config *c = birth->config;
	struct worker w = { .slot = &birth->board->slots[birth->slot] };
	/* Workers are born together; each leaves a little earlier than the one before. */
	int64_t age_us = (c->server.max_age * 1000000) / 100 * (100 - (int64_t)(birth->slot % 10));
	w.old_at_us = age_us > 0 ? clock_mono_us() + age_us : 0;
	board = birth->board;
	/* What is large comes from the system and goes back to it with the request; by itself malloc would keep up to
	 * twice the largest block it ever freed. */
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
	(void)mallopt(M_TRIM_THRESHOLD, 2 * LARGE);
	w.life = arena_new(LIMIT_REQUEST_POOL);
	w.request = arena_new(LIMIT_REQUEST_POOL);
	if (!init(&w, birth, &err)) {
		LOG(ERROR, "worker.start", LOG_C("why", err.operator));
		return 1;
	}
	while (!worker_should_stop()) {
		ask_for_successor(&w);
		if (!w.server.is_ready)
			look_after_database(&w);
		serve_one(&w);
	}
	w.is_leaving = true;
	while (fcgi_leave(w.fcgi))
		serve_one(&w);
	atomic_store(&w.slot->state, WORKER_DRAINING);
	fcgi_free(w.fcgi);
	db_free(w.db);
	if (w.catalog)
		arena_free(w.catalog);
	arena_free(w.request);
	arena_free(w.life);
	return 0;
}
