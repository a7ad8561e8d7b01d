/* The audit events of the context's tenant; only ever read. */
#ifndef TENANTD_REPO_AUDIT_H
#define TENANTD_REPO_AUDIT_H

#include "repo/page.h"

/* What to show; an empty field does not filter. */
struct audit_filter {
	struct str action; /* object.verb */
	struct str actor; /* user id */
	struct str object; /* an object's type or its id */
	struct str since; /* RFC 3339, inclusive */
	struct str until; /* RFC 3339, exclusive */
};

/* Newest first. Rows for page_render. */
MUST_CHECK bool audit_list(const struct context *ctx, const struct page *page,
	const struct audit_filter *filter, struct rows *rows, struct error *err);

#endif
