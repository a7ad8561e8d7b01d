/* The tenant itself: shown, renamed, taken through onboarding. */
#ifndef TENANTD_SERVICE_TENANT_H
#define TENANTD_SERVICE_TENANT_H

#include "core/context.h"
#include "core/error.h"
#include "core/json.h"

MUST_CHECK bool tenant_show(const struct context *ctx, struct str *json, struct error *err);
/* `changes` is the caller's object: name, organization_name and the compliance fields legal_name,
 * postal_address, contact_email, country (null takes one of these four away). Any other field is refused by
 * name. */
MUST_CHECK bool tenant_change(
	const struct context *ctx, const struct json *changes, struct str *json, struct error *err);
MUST_CHECK bool onboarding_show(const struct context *ctx, struct str *json, struct error *err);
/* The same fields but `name`; organization_name is required. ERR_CONFLICT when it was complete before. */
MUST_CHECK bool onboarding_complete(
	const struct context *ctx, const struct json *fields, struct str *json, struct error *err);

#endif
