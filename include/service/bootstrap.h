/* Bootstrap, and its metrics: operators watch how many tenants are created. */
#ifndef TENANTD_SERVICE_BOOTSTRAP_H
#define TENANTD_SERVICE_BOOTSTRAP_H

#include "core/context.h"
#include "core/error.h"
#include "repo/verb.h"

/* Finds, joins or creates the caller's tenant in this environment. *json has tenant_id, user_id, role, env,
 * tenant_status and created. */
MUST_CHECK bool bootstrap(
	const struct context *ctx, const struct remembered *remembered, struct str *json, struct error *err);

#endif
