/*
 * The workers as the master sees them: which process sits in which slot, when the next one is due, which
 * has to go. Every verb returns at once; master.c's loop gives the time.
 *
 * A seat is one worker that a configuration asks for; a slot is a place on the scoreboard. After a reload a new crew takes
 * free slots while the old one still serves, and old workers are dismissed as new ones serve in their place: no dip in
 * capacity. A crew that cannot serve (its workers do not start, or the isolation gate keeps them out) leaves the old one
 * serving under its own configuration, for as long as that takes; dead workers of the old crew are replaced meanwhile.
 * A worker that is due to be renewed stays until its successor serves.
 */
#ifndef TENANTD_POOL_SUPERVISOR_H
#define TENANTD_POOL_SUPERVISOR_H

#include "pool/master.h"

enum { SUPERVISOR_SLOTS = 2 * LIMIT_WORKERS };

/* The master's own knowledge of a slot's process; the scoreboard is only what the worker says. */
struct child {
	pid_t pid; /* 0: the slot is free */
	size_t seat;
	uint64_t generation;
	int64_t started_us;
	int64_t allowed_us; /* the most that one request may take it, by its own configuration */
	int64_t leave_by_us; /* when a dismissed worker is killed; 0: not dismissed */
	bool has_served; /* or could have */
	bool has_successor; /* who sits in its seat now */
	bool killed; /* SIGKILL is on its way */
};

struct seat {
	bool taken;
	bool was_taken; /* by this crew */
	bool is_given_up; /* to a worker of the coming crew */
	int64_t due_us; /* fork not before */
	int64_t delay_us; /* the back-off it is at */
	size_t slot; /* the last one: a successor goes on counting there */
};

/* The workers of one configuration. */
struct crew {
	const struct config *config; /* NULL: no crew */
	uint64_t generation;
	bool has_served; /* one of its workers */
	struct seat seats[LIMIT_WORKERS];
};

struct supervisor {
	int (*work)(const struct worker_birth *birth);
	int listener;
	struct scoreboard *board;
	struct seen *seen; /* the memory of good tokens (crypto/seen.h) */
	bool draining;
	int64_t nudge_us; /* when dismissed workers are told again */
	int64_t kept_since_us; /* since when workers stay because their successors do not serve; 0: none does */
	int64_t tell_us; /* when that is logged again */
	unsigned char pool_key[POOL_KEY];
	struct child children[SUPERVISOR_SLOTS];
	struct crew crew; /* in force */
	struct crew coming; /* after a reload, until it serves in the other's place */
};

void supervisor_init(
	struct supervisor *s, const struct pool *pool, const struct config *config, int listener);
void supervisor_release(struct supervisor *s);
/* A new crew under `config`. It must live until the next call, and the one in force for as long as the new crew is
 * coming. */
void supervisor_renew(struct supervisor *s, const struct config *config);
/* True from supervisor_renew until the new crew has taken over. */
bool supervisor_is_renewing(const struct supervisor *s);
/* The newest crew, be it in force or coming. */
struct crew *supervisor_newest(struct supervisor *s);
/* Dismisses everybody and forks nobody any more. */
void supervisor_drain(struct supervisor *s);
/* Takes leave of those that have ended. */
void supervisor_reap(struct supervisor *s);
/* Does all that is due (forks, dismissals, the watchdog); returns the microseconds until it wants to be
 * called again. */
int64_t supervisor_tick(struct supervisor *s);
bool supervisor_is_empty(const struct supervisor *s);

#endif
