/* Finds the guard of a route on resources. Each resource has its own guard for each operation. */
#ifndef TENANTD_APP_RESOURCE_GUARD_H
#define TENANTD_APP_RESOURCE_GUARD_H

#include "app/routes.h"
#include "resource/catalog.h"

/* ctx->catalog must be set. ERR_NOT_FOUND when the resource or the action does not exist;
 * ERR_METHOD_NOT_ALLOWED, with the allowed methods in `allow`, for what cannot be done with a view or an
 * append-only resource. */
MUST_CHECK bool resource_guard(const struct context *ctx, const struct call *call, struct guard *guard,
	struct str *allow, struct error *err);

/* The guard of a resource's content: the stronger one of the resource's own guard and the guard of the
 * table that holds the bytes. OPERATION_UPDATE is for storing the bytes. */
struct guard resource_content_guard(const struct resource *r, enum operation operation);

#endif
