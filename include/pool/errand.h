/*
 * The master's timers: work that is no request, such as sending mail or fetching the keys of an issuer. The master must
 * hold no connection and wait for nobody, so a child is forked for each time and ends with it. Of each errand there is one
 * child at a time; it never takes the place of a worker, and the master never waits for it. A child that fails makes the
 * next one come later, up to a minute; one that takes too long is killed.
 */
#ifndef TENANTD_POOL_ERRAND_H
#define TENANTD_POOL_ERRAND_H

#include "core/config.h"
#include <sys/types.h>

/* The exit status of an errand after which all workers must be replaced by new ones, under the same configuration: what
 * they read at their start is another one now. */
enum { ERRAND_NEWS = 10 };

/* What is done, how often, and how long it may take. */
struct errand_kind {
	const char *name; /* of the process */
	size_t count; /* of the errands of this kind, numbered from 0 */
	/* Runs in the child. Returns its exit status: 0, ERRAND_NEWS, or another one for a failure. */
	int (*run)(const struct config *config, size_t number);
	/* Seconds between two of them; 0: there is nothing to do. */
	int64_t (*interval)(const struct config *config, size_t number);
	/* The same for one that a worker asked for by its bit in scoreboard.asked; NULL: nobody can ask. A kind that can be
	 * asked for does not wait for its interval after a failure either, but only for the pause. */
	int64_t (*pause)(const struct config *config);
	int64_t most_s; /* after so long the child is killed */
};

enum { ERRANDS_MOST = 2 + LIMIT_ISSUERS };

struct errand {
	const struct errand_kind *kind;
	size_t number;
	int listener; /* the child closes it: connections are for workers */
	pid_t pid; /* 0: none runs */
	int64_t begun_us; /* when the last one began; 0: there was none */
	int64_t not_before_us; /* the next one does not begin earlier, because the last one failed */
	int64_t pause_us; /* after a failure; 0: the last one succeeded */
	int64_t leave_by_us; /* when the one that runs is killed */
	bool is_asked; /* a worker wants it before its time */
	bool killed, draining;
};

enum errand_end { ERRAND_IS_ANOTHERS, ERRAND_DONE, ERRAND_HAS_NEWS, ERRAND_FAILED };

/* Does what is due, and lowers *next to the time when something will be. */
void errand_tick(struct errand *e, const struct config *config, int64_t now, int64_t *next);
/* Told of every child that ended, whoever it was; says how this errand ended, if it was its child. */
enum errand_end errand_ended(struct errand *e, pid_t pid, int status);
/* Makes the next one due at once: under a new configuration it may be about something else. */
void errand_hurry(struct errand *e);
/* Asks the one that runs to leave within drain_timeout, and starts no more. */
void errand_drain(struct errand *e, const struct config *config, int64_t now);

#endif
