/* /v1/tenant: the caller's tenant. */
#include "api/families.h"

static const struct field change_fields[] = {
	{ "name", &type_name, 0 },
	{ "organization_name", &type_name, 0 },
	{ "legal_name", &type_name, NULLABLE },
	{ "postal_address", &type_long_text, NULLABLE },
	{ "contact_email", &type_email, NULLABLE },
	{ "country", &type_country, NULLABLE },
	FIELDS_END,
};
static const struct type change = { .name = "TenantChange",
	.purpose = "What of a tenant changes; null takes a compliance field away",
	.kind = JSON_OBJECT,
	.fields = change_fields };

static const struct route rows[] = {
	{ METHOD_GET, "/v1/tenant", CALLER_TOKEN, { LEAST_MEMBER, TENANT_ANY }, 200, "getTenant", "The tenant",
		.answer = &type_tenant, .verb = &tenant_get },
	{ METHOD_PATCH, "/v1/tenant", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200, "changeTenant",
		"Change its names and compliance fields", .body = &change, .answer = &type_tenant,
		.verb = &tenant_change },
};

const struct route_family tenant_family = FAMILY("tenant", "The tenant", rows);
