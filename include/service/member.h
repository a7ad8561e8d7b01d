/* The members of the caller's tenant. Who may act on whom, and that an owner stays, is held by the database. */
#ifndef TENANTD_SERVICE_MEMBER_H
#define TENANTD_SERVICE_MEMBER_H

#include "core/context.h"
#include "core/error.h"
#include "core/json.h"
#include "repo/page.h"

/* `role` and `status` filter when not empty. *next is the cursor of the next page, empty at the end. */
MUST_CHECK bool member_list(const struct context *ctx, struct page *page, struct str role, struct str status,
	struct str *array, struct str *next, struct error *err);
MUST_CHECK bool member_show(const struct context *ctx, struct str user, struct str *json, struct error *err);
/* `changes` is the caller's object: role (owner, tenant_admin or admin, member), status (active, suspended); at
 * least one. */
MUST_CHECK bool member_change(const struct context *ctx, struct str user, const struct json *changes,
	struct str *json, struct error *err);
MUST_CHECK bool member_remove(const struct context *ctx, struct str user, struct error *err);
MUST_CHECK bool member_leave(const struct context *ctx, struct error *err);

#endif
