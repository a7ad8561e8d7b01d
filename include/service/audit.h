/* Reading the tenant's audit log. */
#ifndef TENANTD_SERVICE_AUDIT_H
#define TENANTD_SERVICE_AUDIT_H

#include "repo/audit.h"

/* Checks the filter's forms, then as member_list. */
MUST_CHECK bool audit_show(const struct context *ctx, struct page *page, const struct audit_filter *filter,
	struct str *array, struct str *next, struct error *err);

#endif
