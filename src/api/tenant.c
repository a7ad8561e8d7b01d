/* /v1/tenant: the caller's tenant. */
#include "api/families.h"

#include "core/validate.h"

/* The bounds are those of the columns. */
static const struct type invitation_days = { .kind = JSON_NUMBER, .least = 1, .most = 90 };
static const struct type ask_again_days = { .kind = JSON_NUMBER, .least = 0, .most = 365 };

static const struct type slug = { .kind = JSON_STRING, .check = validate_slug };
static const struct field change_fields[] = {
	{ "name", &type_name, 0 },
	{ "slug", &slug, 0 },
	{ "organization_name", &type_name, 0 },
	{ "legal_name", &type_name, NULLABLE },
	{ "postal_address", &type_long_text, NULLABLE },
	{ "contact_email", &type_email, NULLABLE },
	{ "country", &type_country, NULLABLE },
	{ "joinable", &type_bool, 0 },
	{ "invitation_days", &invitation_days, 0 },
	{ "ask_again_days", &ask_again_days, 0 },
	{ "access_contact", &type_name, NULLABLE },
	FIELDS_END,
};
static const struct type change = { .name = "TenantChange",
	.purpose = "What of a tenant changes; null takes a compliance field or the contact away",
	.kind = JSON_OBJECT,
	.fields = change_fields };

static const struct route rows[] = {
	{ METHOD_GET, "/v1/tenant", CALLER_TOKEN, { LEAST_MEMBER, TENANT_ANY }, 200, "getTenant", "The tenant",
		.answer = &type_tenant, .verb = &tenant_get },
	{ METHOD_PATCH, "/v1/tenant", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200, "changeTenant",
		"Change its names, its slug, its compliance fields and how people join", .body = &change,
		.answer = &type_tenant, .verb = &tenant_change },
};

const struct route_family tenant_family = FAMILY("tenant", "The tenant", rows);
