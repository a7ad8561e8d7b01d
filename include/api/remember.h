/* Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): what makes two requests the same. */
#ifndef TENANTD_API_REMEMBER_H
#define TENANTD_API_REMEMBER_H

#include "api/call.h"
#include "repo/verb.h"

/* Fills *m with the key of a request, and with everything in which a repeat must be the same. m->key is
 * empty when the caller gave none. ERR_INVALID_REQUEST names the header when the key is malformed. */
MUST_CHECK bool remember_read(
	const struct context *ctx, const struct call *call, struct remembered *m, struct error *err);

#endif
