/* What a worker says of a request to the database, and the proof that a worker says it. The order of the
 * fields is that of tenantd.proven (db/migrations/0002_context.sql). */
#ifndef TENANTD_REPO_CLAIM_H
#define TENANTD_REPO_CLAIM_H

#include "repo/tx.h"

struct claim {
	struct str text;
	struct str mac; /* bytes */
};

/* `purpose` is "enter", "refuse" or "canary": a proof for one is none for another. */
struct claim claim_make(const struct context *ctx, const struct tx_source *source, const char *purpose);

#endif
