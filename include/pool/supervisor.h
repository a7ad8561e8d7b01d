/*
 * The workers as the master sees them: which process sits in which slot, when the next one is due, which
 * has to go. Every verb returns at once; master.c's loop gives the time.
 *
 * A seat is one worker the configuration asks for; a slot is a place on the scoreboard. A new generation
 * takes free slots while the old one still serves, and the old ones are dismissed as the new become ready:
 * no dip in capacity, and a generation that cannot start leaves the old one serving.
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
	int64_t leave_by_us; /* when a dismissed worker is killed; 0: not dismissed */
	bool killed; /* SIGKILL is on its way */
};

struct seat {
	bool taken;
	bool was_taken; /* by this generation */
	int64_t due_us; /* fork not before */
	int64_t delay_us; /* the back-off it is at */
	size_t slot; /* the last one: a successor goes on counting there */
};

struct supervisor {
	int (*work)(const struct worker_birth *birth);
	const struct config *config;
	int listener;
	struct scoreboard *board;
	uint64_t generation;
	bool draining;
	int64_t nudge_us; /* when dismissed workers are told again */
	struct child children[SUPERVISOR_SLOTS];
	struct seat seats[LIMIT_WORKERS];
};

void supervisor_init(
	struct supervisor *s, const struct pool *pool, const struct config *config, int listener);
void supervisor_release(struct supervisor *s);
/* A new generation under `config`, which must live until the next call. */
void supervisor_renew(struct supervisor *s, const struct config *config);
/* Dismisses everybody and forks nobody any more. */
void supervisor_drain(struct supervisor *s);
/* Takes leave of those that have ended. */
void supervisor_reap(struct supervisor *s);
/* Does all that is due (forks, dismissals, the watchdog); returns the microseconds until it wants to be
 * called again. */
int64_t supervisor_tick(struct supervisor *s);
bool supervisor_is_empty(const struct supervisor *s);

#endif
