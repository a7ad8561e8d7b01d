/* A claim is what a worker tells the database about a request, with the proof that a worker tells it. Its
 * fields are the first parameters of tenantd.enter, tenantd.refuse, tenantd.canary
 * and tenantd.header_use (db/functions), in their order. */
#ifndef TENANTD_REPO_CLAIM_H
#define TENANTD_REPO_CLAIM_H

#include "repo/tx.h"

enum { CLAIM_FIELDS = 18, CLAIM_VALUES = CLAIM_FIELDS + 1 };
#define CLAIM_PARAMETERS                                                                                     \
	"$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19"

struct claim {
	struct value values[CLAIM_VALUES]; /* the fields, and the proof */
};

/* `purpose` is "enter", "refuse" or "canary", or "header" with what the claim has no field for: a proof for one
 * is not valid for another. */
struct claim claim_make(const struct context *ctx, const struct tx_source *source, const char *purpose);

#endif
