/* /v1/onboarding: from a new tenant to an active one. */
#include "api/families.h"

static const struct field step_fields[] = {
	{ "step", &type_text, REQUIRED },
	{ "completed_at", &type_time, REQUIRED },
	FIELDS_END,
};
static const struct type step = {
	.name = "OnboardingStep", .purpose = "A step that was done", .kind = JSON_OBJECT, .fields = step_fields
};

static const struct field onboarding_fields[] = {
	{ "tenant_id", &type_uuid, REQUIRED },
	{ "status", &type_tenant_status, REQUIRED },
	{ "organization_name", &type_text, REQUIRED | NULLABLE },
	{ "legal_name", &type_text, REQUIRED | NULLABLE },
	{ "postal_address", &type_text, REQUIRED | NULLABLE },
	{ "contact_email", &type_text, REQUIRED | NULLABLE },
	{ "country", &type_text, REQUIRED | NULLABLE },
	{ "steps", ARRAY_OF(step), REQUIRED },
	FIELDS_END,
};
static const struct type onboarding = { .name = "Onboarding",
	.purpose = "How far the tenant is. It is there to be shown: no access decision reads it",
	.kind = JSON_OBJECT,
	.fields = onboarding_fields };

static const struct field complete_fields[] = {
	{ "organization_name", &type_name, REQUIRED },
	{ "legal_name", &type_name, NULLABLE },
	{ "postal_address", &type_long_text, NULLABLE },
	{ "contact_email", &type_email, NULLABLE },
	{ "country", &type_country, NULLABLE },
	FIELDS_END,
};
static const struct type complete = { .name = "OnboardingComplete",
	.purpose = "What makes the tenant active",
	.kind = JSON_OBJECT,
	.fields = complete_fields };

static const struct route rows[] = {
	{ METHOD_GET, "/v1/onboarding", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200, "getOnboarding",
		"Status, fields and the steps done", .answer = &onboarding, .verb = &onboarding_get,
		.flags = ROUTE_SHORT },
	{ METHOD_PUT, "/v1/onboarding/steps/{step}", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 204,
		"doneOnboardingStep", "Remember that a step was done", .verb = &onboarding_step,
		.flags = ROUTE_SHORT },
	{ METHOD_POST, "/v1/onboarding/complete", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200,
		"completeOnboarding", "Name the organization; the tenant becomes active", .body = &complete,
		.answer = &type_tenant, .verb = &onboarding_complete, .flags = ROUTE_SHORT | ROUTE_KEYED },
};

const struct route_family onboarding_family =
	FAMILY("onboarding", "From a new tenant to an active one", rows);
