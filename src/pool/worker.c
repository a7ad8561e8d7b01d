/*
 * One worker: it gets ready (readiness.c) and then repeats: wait, read, dispatch, answer, wipe. A worker without a
 * database that passed the isolation gate still runs and answers 503 at once. Nothing of a request must outlive
 * arena_reset.
 */
#include "pool/worker.h"
#include "pool/hashing.h"

#include "app/dispatch.h"
#include "core/clock.h"
#include "core/log.h"
#include "crypto/context_key.h"
#include "crypto/digest.h"
#include "http/fcgi_io.h"
#include "pool/scoreboard_print.h"
#include "pool/turns.h"
#include "pool/worker_signals.h"
#include "readiness.h"

#include <malloc.h>
#include <pwd.h>
#include <unistd.h>

enum {
	WAIT_MS = 1000, /* the longest wait for a request, after which a worker checks its age */
	LARGE = 512 * 1024 /* bytes; larger blocks are taken from the system one by one */
};

struct worker {
	struct server server;
	struct slot *slot;
	struct arena *life; /* lives as long as the process */
	struct arena *request;
	struct readiness ready;
	struct fcgi *fcgi;
	const struct byte_source *body; /* the body of the current request when it is streamed */
	const struct response *answer; /* to the current request */
	struct db *db;
	int64_t served; /* requests since the worker started */
	int64_t old_at_us; /* when it has reached its max_age, by clock_mono_us; 0: never */
	bool is_leaving;
};

/* Print the metrics and count turns through functions without a context argument, so they need the scoreboard and the
 * worker's place here. A process has one of each, and they hold no tenant's data. */
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

static bool reload_was_refused(void)
{
	return atomic_load(&board->is_reload_refused);
}

/* Makes a keyed digest of the tenant, so that the memory that all workers share does not contain the tenant's id. */
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

static size_t hashing;

static bool begin_hashing(void)
{
	return hashing_begin(board, turn.slot, hashing);
}

static void end_hashing(void)
{
	hashing_end(board, turn.slot);
}

/* What the own issuer needs, if there is one. */
static struct accounts accounts_of(const struct config *c, const struct keystore *keys)
{
	hashing = c->accounts.hashing > 0 ? (size_t)c->accounts.hashing : hashing_most((size_t)c->server.workers);
	return (struct accounts){
		.config = c, .signer = keystore_signer(keys), .begin = begin_hashing, .end = end_hashing
	};
}

/* The share is all workers but one unless it is configured. With a single worker it becomes 0, which sets no bound. */
static void init_turns(const struct worker_birth *birth)
{
	size_t workers = (size_t)birth->config->server.workers;
	size_t share = (size_t)birth->config->server.tenant_share;
	turn.slot = birth->slot;
	turn.share = share > 0 ? share : workers - 1;
	turn.key = str_of((const char *)birth->pool_key, POOL_KEY);
}

/* True when another worker is ready to serve. */
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

/* A worker that has never been ready may belong to a new configuration that does not work. It leaves all connections to
 * the workers that it should replace, as long as they serve. */
static bool accepts(const struct worker *w)
{
	return w->server.is_ready || w->ready.was_ready || !others_serve(w);
}

static int wait_ms(const struct worker *w)
{
	if (w->server.is_ready)
		return WAIT_MS;
	int64_t left = (w->ready.try_at_us - clock_mono_us()) / 1000 + 1;
	return left < 0 ? 0 : left > WAIT_MS ? WAIT_MS : (int)left;
}

/* Reads a piece of a streamed body and restarts the watchdog's time, since the reader bounds how long a body may take. */
static bool next_piece(void *who, struct str *piece, struct error *err)
{
	struct worker *w = who;
	bool ok = w->body->next(w->body->from, piece, err);
	atomic_store(&w->slot->busy_since_us, clock_mono_us());
	return ok;
}

static void note_last_piece(void)
{
	turn_answer(board, turn.slot, turn.share, clock_mono_us());
}

/* Sends a piece of a streamed answer. */
static bool put_piece(void *who, struct str piece, struct error *err)
{
	struct worker *w = who;
	struct byte_sink peer = fcgi_sink(w->fcgi);
	if (w->answer->left <= piece.len)
		note_last_piece();
	return peer.put(peer.to, piece, err);
}

static bool send_answer(struct worker *w, struct response *res)
{
	if (res->has_begun)
		return fcgi_end(w->fcgi, res->left == 0);
	struct str whole = response_print(res);
	note_last_piece();
	return fcgi_answer(w->fcgi, whole);
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
		readiness_find(&w->ready);
		atomic_store(&w->slot->state, w->server.is_ready ? WORKER_BUSY : WORKER_REFUSING);
		const struct byte_source body = { next_piece, w };
		w->body = req.stream;
		req.stream = w->body ? &body : NULL;
		response_init(&res, w->request);
		res.is_head = req.method == METHOD_HEAD;
		res.peer = (struct byte_sink){ put_piece, w };
		w->answer = &res;
		dispatch(&w->server, &req, got == FCGI_GOT_REFUSAL ? &err : NULL, &res);
		w->ready.is_catalog_suspect = w->ready.is_catalog_suspect || res.status == 500;
		if (!send_answer(w, &res))
			metrics_count(COUNT_FCGI_DROPPED);
		turn_end(board, turn.slot);
		readiness_give_back(&w->ready);
		readiness_sweep(&w->ready);
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
	w->server.reload_was_refused = reload_was_refused;
	w->server.web_server = &board->web_server;
	static const struct turns turns = { begin_turn, same_turn };
	init_turns(birth);
	w->server.turns = turn.share > 0 ? &turns : NULL;
	w->server.keys = keystore_load(w->life, c, err);
	if (!w->server.keys || !context_key_read(w->life, c, &key, err))
		return false;
	keystore_share(w->server.keys, birth->seen, birth->pool_key, POOL_KEY);
	keystore_ask(w->server.keys, &board->asked);
	tx_source_init(&w->server.source, NULL, key);
	/* pg_stat_activity then says which key the worker uses, so that no key is dropped that one needs. */
	struct str name = arena_printf(w->life, "tenantd %s", w->server.source.key_id);
	*options = (struct db_options){ c->database.url, name.at, LIMIT_CONNECT_MS, c->limits.statement_timeout,
		c->limits.lock_timeout, c->limits.read_timeout };
	w->db = db_new(options);
	w->server.source.db = w->db;
	w->server.accounts = accounts_of(c, w->server.keys);
	w->server.source.write_ms = c->limits.statement_timeout;
	w->server.source.stream_ms = c->limits.request_deadline;
	readiness_init(&w->ready, &w->server, board, w->slot, w->db);
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
	return w->fcgi || error_log(err, ERR_UNAVAILABLE, "the process has no file descriptor left");
}

/* Asks for a successor when the worker has reached max_requests or max_age. It goes on serving until the master has one
 * that serves. */
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
	/* Workers start together, so their ages are spread by up to nine percent: they must not all be renewed at once. */
	int64_t age_us = (c->server.max_age * 1000000) / 100 * (100 - (int64_t)(birth->slot % 10));
	w.old_at_us = age_us > 0 ? clock_mono_us() + age_us : 0;
	board = birth->board;
	/* Large blocks are taken from the system and given back after the request. By default malloc would keep up to twice
	 * the size of the largest block that it ever freed. */
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
			readiness_find(&w.ready);
		readiness_keep(&w.ready);
		serve_one(&w);
	}
	w.is_leaving = true;
	while (fcgi_leave(w.fcgi))
		serve_one(&w);
	atomic_store(&w.slot->state, WORKER_DRAINING);
	fcgi_free(w.fcgi);
	db_free(w.db);
	readiness_release(&w.ready);
	arena_free(w.request);
	arena_free(w.life);
	return 0;
}
