/* The members of the context's tenant. Removed and rejected ones are not there for anybody. */
#ifndef TENANTD_REPO_MEMBERS_H
#define TENANTD_REPO_MEMBERS_H

#include "repo/page.h"

/* role and status filter when not empty. Rows for page_render. */
MUST_CHECK bool members_list(const struct context *ctx, const struct page *page, struct str role,
	struct str status, struct rows *rows, struct error *err);
MUST_CHECK bool members_get(
	const struct context *ctx, const struct uuid *user, struct str *json, struct error *err);
/* role and status change when not empty. Who may is said by the database (0005_invariants.sql). */
MUST_CHECK bool members_change(const struct context *ctx, const struct uuid *user, struct str role,
	struct str status, struct str *json, struct error *err);
MUST_CHECK bool members_remove(const struct context *ctx, const struct uuid *user, struct error *err);
/* The caller themselves. */
MUST_CHECK bool members_leave(const struct context *ctx, struct error *err);

#endif
