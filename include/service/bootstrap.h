/* Bootstrap, whose outcomes are counted: how many tenants were made is what an operator watches. */
#ifndef TENANTD_SERVICE_BOOTSTRAP_H
#define TENANTD_SERVICE_BOOTSTRAP_H

#include "core/context.h"
#include "core/error.h"
#include "repo/verb.h"

/* The caller's tenant in this env, found, joined or made: tenant_id, user_id, role, env, tenant_status, created. */
MUST_CHECK bool bootstrap(
	const struct context *ctx, const struct remembered *remembered, struct str *json, struct error *err);

#endif
