/*
 * The workers as the master sees them: which process is in which slot, when the next one must be started, which one must
 * leave. Every function returns at once; the loop in master.c does the waiting.
 *
 * A seat is one worker that a configuration asks for. A slot is a place on the scoreboard. A crew is all workers of one
 * configuration. After a reload a new crew takes free slots while the old one still serves. An old worker is dismissed
 * when a new one serves in its place, so that capacity does not drop. When a new crew cannot serve (its workers do not
 * start, or the isolation gate keeps them out), the old crew goes on under its own configuration for as long as that
 * takes, and its dead workers are replaced. A worker that is due to be renewed stays until its successor serves.
 */
#ifndef TENANTD_POOL_SUPERVISOR_H
#define TENANTD_POOL_SUPERVISOR_H

#include "pool/master.h"

enum { SUPERVISOR_SLOTS = 2 * LIMIT_WORKERS };

/* What the master itself knows of the process in a slot. The scoreboard has only what the worker claims. */
struct child {
	pid_t pid; /* 0: the slot is free */
	size_t seat;
	uint64_t generation;
	int64_t started_us;
	int64_t allowed_us; /* the most that one request may take, by the configuration of this worker */
	int64_t leave_by_us; /* when a dismissed worker is killed; 0: not dismissed */
	bool has_served; /* it has been ready to serve at some time */
	bool has_successor; /* its seat is free for, or taken by, another worker */
	bool killed; /* SIGKILL was sent */
};

struct seat {
	bool taken;
	bool was_taken; /* this crew has had a worker in it */
	bool is_given_up; /* it is not filled again, because a worker of the coming crew replaced its worker */
	int64_t due_us; /* the earliest time for the next fork */
	int64_t delay_us; /* the current back-off */
	size_t slot; /* the last one; a successor takes it if it is free and continues its counters */
};

/* The workers of one configuration. */
struct crew {
	const struct config *config; /* NULL: no crew */
	uint64_t generation;
	bool has_served; /* one of its workers has */
	struct seat seats[LIMIT_WORKERS];
};

struct supervisor {
	int (*work)(const struct worker_birth *birth);
	int listener;
	struct scoreboard *board;
	struct seen *seen; /* the memory of good tokens (crypto/seen.h) */
	bool draining;
	int64_t nudge_us; /* when dismissed workers get SIGTERM again */
	int64_t kept_since_us; /* since when workers stay because their successors do not serve; 0: none does */
	int64_t tell_us; /* when that may be logged again */
	unsigned char pool_key[POOL_KEY];
	struct child children[SUPERVISOR_SLOTS];
	struct errand errands[ERRANDS_MOST];
	size_t errand_count;
	bool has_news; /* an errand ended with ERRAND_NEWS; the master acts on it */
	struct crew crew; /* in force */
	struct crew coming; /* after a reload, until it takes over */
};

void supervisor_init(
	struct supervisor *s, const struct pool *pool, const struct config *config, int listener);
void supervisor_release(struct supervisor *s);
/* Begins a new crew under `config`. `config` must live until the next call, and the configuration in force until the
 * new crew has taken over. */
void supervisor_renew(struct supervisor *s, const struct config *config);
/* Makes the errands due at once, under a configuration that has taken over. */
void supervisor_hurry(struct supervisor *s);
/* True from supervisor_renew until the new crew has taken over. */
bool supervisor_is_renewing(const struct supervisor *s);
/* The newest crew: the coming one if there is one, else the one in force. */
struct crew *supervisor_newest(struct supervisor *s);
/* Dismisses all workers and starts no more. */
void supervisor_drain(struct supervisor *s);
/* Collects the workers that have ended and frees their slots. */
void supervisor_reap(struct supervisor *s);
/* Does all that is due (forks, dismissals, the watchdog). Returns the microseconds until it must be called again. */
int64_t supervisor_tick(struct supervisor *s);
bool supervisor_is_empty(const struct supervisor *s);
/* How many workers can serve. */
size_t supervisor_serving(const struct supervisor *s);

#endif
