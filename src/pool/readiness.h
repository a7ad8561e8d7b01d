/*
 * Whether a worker is ready: its connection, what the isolation gate found, and the resources that it serves. Only
 * worker.c uses this file.
 */
#ifndef TENANTD_POOL_READINESS_H
#define TENANTD_POOL_READINESS_H

#include "app/server.h"
#include "pool/scoreboard.h"

enum { CLOSED_MAX = 64 }; /* tables closed at a time; with more, the worker refuses to serve */

struct readiness {
	struct server *server; /* its is_ready, is_open and catalog are set here */
	struct scoreboard *board;
	struct slot *slot;
	struct db *db;
	struct arena *catalog; /* holds server->catalog and is replaced together with it */
	bool is_catalog_suspect; /* a request failed, perhaps because a table was changed */
	bool was_ready; /* it has been ready at some time */
	int64_t pause_ms;
	int64_t try_at_us; /* when the next attempt to get ready is due, by clock_mono_us */
	uint64_t mark; /* the value of gate_mark when this worker passed the gate */
	struct arena *gate; /* holds the last findings of the gate */
	struct str closed[CLOSED_MAX]; /* tables that the gate could not check, in that arena */
	size_t closed_count;
	int64_t again_at_us; /* when those are checked again */
};

void readiness_init(
	struct readiness *r, struct server *server, struct scoreboard *board, struct slot *slot, struct db *db);
void readiness_release(struct readiness *r);
/* Call before a request. Replaces a lost connection, at once the first time and then when the next attempt is due, and
 * reads the resources again when they may have changed. */
void readiness_find(struct readiness *r);
/* Call between requests. Checks, when that is due, whether something changed that the isolation gate looks at. */
void readiness_keep(struct readiness *r);
/* Call after a request. Removes what code of the application may have left in the session. */
void readiness_sweep(struct readiness *r);
/* Call after a request. Closes a connection whose buffers have grown, so that the next request gets a new one. */
void readiness_give_back(struct readiness *r);

#endif
