/* The context's tenant and its onboarding, as rows. */
#ifndef TENANTD_REPO_TENANTS_H
#define TENANTD_REPO_TENANTS_H

#include "repo/base.h"

/* Each answers the tenant as JSON. */
MUST_CHECK bool tenants_get(const struct context *ctx, struct str *json, struct error *err);
/* `changes` is a JSON object of checked fields: name, organization_name, legal_name, postal_address,
 * contact_email, country. A field that is absent stays. */
MUST_CHECK bool tenants_change(
	const struct context *ctx, struct str changes, struct str *json, struct error *err);
/* Status, names and the steps done. */
MUST_CHECK bool tenants_onboarding(const struct context *ctx, struct str *json, struct error *err);
/* Takes organization_name and the compliance fields from `fields`, makes the tenant active. ERR_CONFLICT when it
 * is active already. */
MUST_CHECK bool tenants_complete(
	const struct context *ctx, struct str fields, struct str *json, struct error *err);

#endif
