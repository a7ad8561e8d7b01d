/*
 * A worker's readiness: its connection, what the isolation gate said of it, the resources it serves. The worker's alone, like
 * all of this file.
 */
#ifndef TENANTD_POOL_READINESS_H
#define TENANTD_POOL_READINESS_H

#include "app/server.h"
#include "pool/scoreboard.h"

enum { CLOSED_MAX = 64 }; /* tables that may be closed at a time; more stop the service */

struct readiness {
	struct server *server; /* its is_ready, is_open and catalog are set here */
	struct scoreboard *board;
	struct slot *slot;
	struct db *db;
	struct arena *catalog; /* server->catalog's; swapped whole */
	bool
		is_catalog_suspect; /* a request failed, perhaps because a table was changed and not registered anew */
	bool was_ready; /* once at least */
	int64_t pause_ms;
	int64_t try_at_us; /* clock_mono_us of the next attempt to get ready */
	uint64_t mark; /* board->gate_mark when this worker passed the gate */
	struct arena *gate; /* of what the gate said last */
	struct str closed[CLOSED_MAX]; /* tables that it could not look at, in that arena */
	size_t closed_count;
	int64_t again_at_us; /* when those are looked at again */
};

void readiness_init(
	struct readiness *r, struct server *server, struct scoreboard *board, struct slot *slot, struct db *db);
void readiness_release(struct readiness *r);
/* Makes a lost connection anew, at once the first time, then when the next attempt is due; reads the resources again when that
 * is called for. Before a request. */
void readiness_find(struct readiness *r);
/* Looks whether the walls still stand, when that is due. Between requests. */
void readiness_keep(struct readiness *r);
/* After a request. Takes away what code of the application may have left in the session. */
void readiness_sweep(struct readiness *r);
/* The same. Gives back a connection that has grown. */
void readiness_give_back(struct readiness *r);

#endif
