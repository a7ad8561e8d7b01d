/*
 * The memory that master and workers share: an anonymous mapping with one slot per worker. It holds only states, times
 * and counters. Nothing in it tells a tenant, a user or the content of a request.
 */
#ifndef TENANTD_POOL_SCOREBOARD_H
#define TENANTD_POOL_SCOREBOARD_H

#include "app/web_server.h"
#include "core/metrics.h"
#include <stdatomic.h>
#include <sys/types.h>

enum worker_state {
	WORKER_NONE, /* no process */
	WORKER_STARTING, /* connecting, passing the isolation gate */
	WORKER_REFUSING, /* alive, but without a database that passed the isolation gate: it answers 503 */
	WORKER_IDLE, /* can serve: an old worker is dismissed only for one in this state or the next */
	WORKER_BUSY,
	WORKER_DRAINING, /* finishing its last request */
	WORKER_STATE_COUNT
};

struct slot {
	_Atomic pid_t pid;
	_Atomic int state;
	_Atomic int64_t busy_since_us; /* when it began its current request, by clock_mono_us; 0: it has none */
	_Atomic int64_t waiting_since_us; /* when it last began to wait for work; 0: it is not waiting */
	_Atomic bool is_due; /* the worker has done its share: it asks for a successor and serves until then */
	_Atomic uint64_t turn; /* a keyed digest of the tenant of its current request; 0: none (pool/turns.h) */
	_Atomic int64_t turn_since_us;
	_Atomic int64_t
		hashing_ticket; /* its place among those who want to compute a password; 0: none (pool/hashing.h) */
	_Atomic int64_t started_us;
	_Atomic uint64_t respawns;
	_Atomic uint64_t requests;
	struct metrics_slot metrics;
};

enum { TURN_NOTES = 256 };

/* What is remembered of a tenant. Its digest chooses the place; another tenant with the same place overwrites it. */
struct turn_note {
	_Atomic uint64_t turn;
	_Atomic int64_t strict_until_us;
	_Atomic uint64_t same_as; /* the digest under which its requests are counted instead; 0: none */
};

struct scoreboard {
	size_t slot_count;
	_Atomic size_t slots_used; /* the slots from this number on never had a process and need not be read */
	_Atomic uint64_t watchdog_kills;
	_Atomic uint64_t reloads, reloads_refused;
	_Atomic bool is_reload_refused; /* the last one: what is on disk is not what is in force */
	/* When the next worker asks whether anything changed that the isolation gate checks, by clock_mono_us. */
	_Atomic int64_t gate_at_us;
	_Atomic uint64_t gate_mark; /* the last answer: gate_mark of repo/gate.h; 0: none yet */
	/* Bits of errands, by their number, that workers ask for before their time (pool/errand.h). */
	_Atomic uint32_t asked;
	_Atomic uint64_t key_fetches_same, key_fetches_new,
		key_fetches_failed; /* how errands that can be asked for ended */
	_Atomic size_t overdue; /* workers that stay because their successors do not serve */
	struct web_server_seen web_server; /* since the last reload */
	struct turn_note notes[TURN_NOTES];
	struct slot slots[];
};

/* Makes one with all values zero. Ends the process when there is no memory. */
struct scoreboard *scoreboard_new(size_t slots);
void scoreboard_free(struct scoreboard *board);
const char *worker_state_name(enum worker_state s);

#endif
