/* Whether a header may have stopped to name tenants: [tenancy] header_fallback = off (db/functions/cutover.sql). */
#ifndef TENANTD_REPO_CUTOVER_H
#define TENANTD_REPO_CUTOVER_H

#include "core/config.h"
#include "db/pipeline.h"

/* True when header_fallback is not off, or when no client of the envs that are served here would lose its tenant by
 * it. Else ERR_UNAVAILABLE, which says what the operator can do. */
MUST_CHECK bool cutover_is_allowed(
	struct db *db, struct arena *a, const struct config *config, struct error *err);

#endif
