/*
 * The master opens the listener and forks the workers. It replaces workers that end; while they die young it waits
 * before it does so, 100 ms at first and up to 5 s. It kills workers whose request has passed its deadline.
 *
 * On SIGHUP it reloads the configuration. The old one stays in force when the new one does not load or its workers do
 * not get ready to serve; otherwise the old workers finish their request and leave. On SIGTERM, SIGINT and SIGUSR1 it
 * drains: every worker finishes what it has begun, and is killed after drain_timeout.
 *
 * The master handles processes and signals and knows nothing of tenants: the work of a worker is a function it is given.
 */
#ifndef TENANTD_POOL_MASTER_H
#define TENANTD_POOL_MASTER_H

#include "core/config.h"
#include "crypto/seen.h"
#include "pool/errand.h"
#include "pool/scoreboard.h"

enum { POOL_KEY = 32 };

/* What a worker gets when it starts. */
struct worker_birth {
	const struct config *config;
	int listener;
	struct scoreboard *board;
	size_t slot;
	struct seen *seen; /* the pool's memory of good tokens */
	const unsigned char *pool_key; /* POOL_KEY random bytes, which only this pool's processes have */
};

struct pool {
	const char *config_path;
	/* Called in the master before the first fork and at each reload, with the rights that the workers will have. It
	 * refuses what can be refused at the start, such as bad keys and secrets. May be NULL. */
	bool (*check)(const struct config *config, struct arena *a, struct error *err);
	/* Runs in the child. pool/worker_signals.h and core/metrics.h are set up, and its slot has the state WORKER_STARTING.
	 * It must set WORKER_IDLE or WORKER_BUSY once it can serve, because only then is an old worker dismissed in its
	 * favour. Returns the exit status; after 0, a normal end, a successor is started at once. */
	int (*worker)(const struct worker_birth *birth);
	/* What is done by the clock, in children that are no workers; at most ERRANDS_MOST of all kinds together. */
	const struct errand_kind *errands;
	size_t errand_kinds;
};

/* Runs until SIGTERM, SIGINT or SIGUSR1 (which FastCGI uses) and returns the exit status: 0 after a drain, 78
 * (EX_CONFIG) when the configuration is bad, 69 (EX_UNAVAILABLE) when the socket, the pid file or the change to the
 * user fails. The reason is written to stderr. */
int master_run(const struct pool *pool);

#endif
