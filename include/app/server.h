/* What one worker serves with; made at its start (pool/worker.c), read-only to the requests. */
#ifndef TENANTD_APP_SERVER_H
#define TENANTD_APP_SERVER_H

#include "core/buf.h"
#include "core/config.h"
#include "crypto/keystore.h"
#include "repo/tx.h"
#include "resource/catalog.h"
#include "service/accounts.h"

/* Tells the pool whose request this worker serves. The pool counts them; its functions are called through
 * this table, because this room may not include the pool. A text names the tenant; the pool keeps a digest
 * of it. */
struct turns {
	/* From now to its end, this worker's request counts for this tenant. False: other workers are already
	 * busy with as many of its requests as it may have. */
	bool (*begin)(struct str tenant);
	/* Says that the two names mean the same tenant. */
	void (*same)(struct str tenant, struct str as);
};

struct server {
	const struct config *config;
	struct keystore *keys;
	struct tx_source source;
	struct catalog catalog; /* the resources, as they were after the last change that was announced */
	struct accounts accounts; /* the own issuer */
	bool is_ready; /* the database is connected and its isolation gate was passed */
	bool is_open; /* not ready, because the gate found a wall open */
	bool is_refused; /* not ready, because the database does not take the proof of a context */
	const struct turns *turns; /* NULL: requests are not counted by tenant */
	/* Prints the pool's part of /metrics. This room may not include the pool. */
	void (*print_metrics)(struct buf *out);
	struct web_server_seen *web_server; /* NULL: nobody looks */
	/* True when the master refused the configuration that it was last told to read. */
	bool (*reload_was_refused)(void);
};

/* True when requests can be served; else ERR_UNAVAILABLE, ERR_ISOLATION_FAILED or ERR_CONTEXT_REFUSED. */
MUST_CHECK bool server_is_ready(const struct server *server, struct error *err);

#endif
