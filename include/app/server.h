/* What one worker serves with; made at its start (pool/worker.c), read-only to the requests. */
#ifndef TENANTD_APP_SERVER_H
#define TENANTD_APP_SERVER_H

#include "core/buf.h"
#include "core/config.h"
#include "crypto/keystore.h"
#include "repo/tx.h"
#include "resource/catalog.h"

/* Whose requests the workers have in hand: the pool knows, and is above this room. A text names the tenant; the pool keeps
 * a digest of it. */
struct turns {
	/* The request in hand is this tenant's, from now to its end. False: others are busy with as many as it may have. */
	bool (*begin)(struct str tenant);
	/* Two names of one tenant. */
	void (*same)(struct str tenant, struct str as);
};

struct server {
	const struct config *config;
	struct keystore *keys;
	struct tx_source source;
	struct catalog catalog; /* the resources, as they were when it was last announced that they changed */
	bool is_ready; /* the database is connected and its isolation gate was passed */
	bool is_open; /* not ready, because the gate found a wall open */
	const struct turns *turns; /* NULL: nobody counts */
	/* The pool's share of /metrics; the pool is above this room. */
	void (*print_metrics)(struct buf *out);
};

/* True when requests can be served; else ERR_UNAVAILABLE, or ERR_ISOLATION_FAILED. */
MUST_CHECK bool server_is_ready(const struct server *server, struct error *err);

#endif
