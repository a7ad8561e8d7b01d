/*
 * What master and workers share: an anonymous shared mapping with one slot per worker. States, times and
 * counters only; nothing readable of a tenant, a user or a request's content.
 */
#ifndef TENANTD_POOL_SCOREBOARD_H
#define TENANTD_POOL_SCOREBOARD_H

#include "core/metrics.h"
#include <stdatomic.h>
#include <sys/types.h>

enum worker_state {
	WORKER_NONE, /* no process */
	WORKER_STARTING, /* connecting, passing the isolation gate */
	WORKER_REFUSING, /* alive, but without a database that passed the gate: answers 503 */
	WORKER_IDLE, /* can serve: this one and the next are what others go for */
	WORKER_BUSY,
	WORKER_DRAINING, /* finishing its last request */
	WORKER_STATE_COUNT
};

struct slot {
	_Atomic pid_t pid;
	_Atomic int state;
	_Atomic int64_t busy_since_us; /* clock_mono_us of the request in hand; 0: none */
	_Atomic int64_t waiting_since_us; /* when it last looked for work and took none in hand; 0: it has some */
	_Atomic bool is_due; /* the worker has done its share and asks for a successor; until then it serves */
	_Atomic uint64_t turn; /* keyed digest of the tenant whose request is in hand; 0: none's (pool/turns.h) */
	_Atomic int64_t turn_since_us;
	_Atomic int64_t started_us;
	_Atomic uint64_t respawns;
	_Atomic uint64_t requests;
	struct metrics_slot metrics;
};

enum { TURN_NOTES = 256 };

/* One thing remembered of a tenant, at the place its digest says; whoever comes to the same place takes it. */
struct turn_note {
	_Atomic uint64_t turn;
	_Atomic int64_t strict_until_us;
	_Atomic uint64_t same_as; /* the digest of its other name; 0: none */
};

struct scoreboard {
	size_t slot_count;
	_Atomic size_t slots_used; /* those from here on never had a process: no need to read them */
	_Atomic uint64_t watchdog_kills;
	_Atomic uint64_t reloads;
	_Atomic int64_t
		gate_at_us; /* when the next worker looks whether the database's walls still stand (clock_mono_us) */
	_Atomic uint64_t gate_mark; /* what it found last: gate_mark of repo/gate.h; 0: nothing yet */
	_Atomic size_t overdue; /* workers that stay because their successors do not serve */
	struct turn_note notes[TURN_NOTES];
	struct slot slots[];
};

/* All zero. Ends the process when there is no memory. */
struct scoreboard *scoreboard_new(size_t slots);
void scoreboard_free(struct scoreboard *board);
const char *worker_state_name(enum worker_state s);

#endif
