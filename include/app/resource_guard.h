/* The guard of a route on resources: the resource in its path says it, per operation. */
#ifndef TENANTD_APP_RESOURCE_GUARD_H
#define TENANTD_APP_RESOURCE_GUARD_H

#include "app/routes.h"
#include "resource/catalog.h"

/* ctx->catalog is set. ERR_NOT_FOUND for a resource or action that is not there; ERR_METHOD_NOT_ALLOWED, with the
 * methods in `allow`, for what a view or an append-only resource does not take. */
MUST_CHECK bool resource_guard(const struct context *ctx, const struct call *call, struct guard *guard,
	struct str *allow, struct error *err);

/* The guard of a resource's content: the stronger of its own and that of the table which holds it, OPERATION_UPDATE
 * for what takes the bytes. */
struct guard resource_content_guard(const struct resource *r, enum operation operation);

#endif
