/* Identity: a caller gets their tenant, and is told who they are. */
#ifndef TENANTD_SERVICE_BOOTSTRAP_H
#define TENANTD_SERVICE_BOOTSTRAP_H

#include "core/context.h"
#include "core/error.h"

/* Answers tenant_id, user_id, role, env, tenant_status, created. Counted. */
MUST_CHECK bool bootstrap(const struct context *ctx, struct str *json, struct error *err);
MUST_CHECK bool who_am_i(const struct context *ctx, struct str *json, struct error *err);

#endif
