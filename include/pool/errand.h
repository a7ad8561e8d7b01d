/*
 * The master's timer: every [mail] interval seconds it has one piece of work done that is no request, which is sending
 * mail. The master must hold no connection, so a child is forked for each time and ends with it. There is one at a time;
 * it never takes the place of a worker, and the master never waits for it. A child that fails makes the next one come later,
 * up to a minute; one that takes too long is killed.
 */
#ifndef TENANTD_POOL_ERRAND_H
#define TENANTD_POOL_ERRAND_H

#include "core/config.h"
#include <sys/types.h>

/* After so long an errand should stop by itself, between two mails. */
enum { ERRAND_S = 60 };

struct errand {
	int (*run)(const struct config *config); /* NULL: there is nothing to do, ever */
	int listener; /* the child closes it: connections are for workers */
	pid_t pid; /* 0: none runs */
	int64_t begun_us; /* when the last one began; 0: there was none */
	int64_t not_before_us; /* the next one does not begin earlier, because the last one failed */
	int64_t pause_us; /* after a failure; 0: the last one succeeded */
	int64_t leave_by_us; /* when the one that runs is killed */
	bool killed, draining;
};

/* Does what is due, and lowers *next to the time when something will be. */
void errand_tick(struct errand *e, const struct config *config, int64_t now, int64_t *next);
/* Told of every child that ended, whoever it was. */
void errand_ended(struct errand *e, pid_t pid, int status);
/* Asks the one that runs to leave within drain_timeout, and starts no more. */
void errand_drain(struct errand *e, const struct config *config, int64_t now);

#endif
