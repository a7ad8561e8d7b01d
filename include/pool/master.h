/*
 * The master: opens the listener, forks the workers, replaces those that end (back-off 100 ms doubling to
 * 5 s while they die young), ends those whose request passed its deadline, reloads on SIGHUP (a new
 * configuration that does not load keeps the old one, and so does one whose workers do not get as far as to
 * serve; old workers finish their request and leave), drains on SIGTERM and SIGINT (every worker finishes what
 * it has begun; after drain_timeout SIGKILL). Knows processes and signals, nothing of tenants: what a worker
 * does is given as a function.
 */
#ifndef TENANTD_POOL_MASTER_H
#define TENANTD_POOL_MASTER_H

#include "core/config.h"
#include "crypto/seen.h"
#include "pool/scoreboard.h"

enum { POOL_KEY = 32 };

/* What one worker is born with. */
struct worker_birth {
	const struct config *config;
	int listener;
	struct scoreboard *board;
	size_t slot;
	struct seen *seen; /* the pool's memory of good tokens */
	const unsigned char *pool_key; /* POOL_KEY random bytes, the same in all workers and nowhere else */
};

struct pool {
	const char *config_path;
	/* Called in the master before the first fork and at each reload, with the rights the workers will have:
	 * everything that can be refused at start is refused here (keys, secrets). May be NULL. */
	bool (*check)(const struct config *config, struct arena *a, struct error *err);
	/* The worker's life, in the child: pool/worker_signals.h and core/metrics.h are set up, its slot says
	 * WORKER_STARTING. It must say WORKER_IDLE or WORKER_BUSY once it can serve: that is when an old worker is
	 * dismissed for it. Returns the exit status; 0 is a normal end, its successor comes at once. */
	int (*worker)(const struct worker_birth *birth);
};

/* Runs until SIGTERM, SIGINT or SIGUSR1 (FastCGI's own); the process's exit status: 0 after a drain, 78
 * EX_CONFIG when the configuration refuses, 69 EX_UNAVAILABLE when the socket, the user or the pid file
 * does; the reason is on stderr. */
int master_run(const struct pool *pool);

#endif
