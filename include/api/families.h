/* The families of routes, one file of src/api for each, and all of them in the order in which they are
 * shown. */
#ifndef TENANTD_API_FAMILIES_H
#define TENANTD_API_FAMILIES_H

#include "api/route.h"
#include "api/types.h"
#include "repo/verbs.h"

extern const struct route_family auth_family, accounts_family, tenant_family, ownership_family,
	members_family, invitations_family, join_requests_family, onboarding_family, api_keys_family,
	domains_family, audit_family, resources_family, data_family, admin_family;

/* Makes a family of these rows. */
#define FAMILY(tag, about, table)                                                                            \
	{                                                                                                        \
		.name = tag, .purpose = about, .routes = table, .count = COUNT_OF(table)                             \
	}

#endif
