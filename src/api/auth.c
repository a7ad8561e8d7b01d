/* /v1/auth: the caller's identity. */
#include "api/families.h"

#include "api/remember.h"
#include "service/bootstrap.h"

static bool bootstrap_post(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	struct remembered remembered;
	if (!remember_read(ctx, call, &remembered, err) || !bootstrap(ctx, &remembered, &json, err))
		return false;
	response_json(res, call->route->status, json);
	return true;
}

/* ---- what is answered */

static const struct field bootstrap_fields[] = {
	{ "tenant_id", &type_uuid, REQUIRED },
	{ "user_id", &type_uuid, REQUIRED },
	{ "role", &type_role, REQUIRED },
	{ "env", &type_env, REQUIRED },
	{ "tenant_status", &type_tenant_status, REQUIRED },
	{ "created", &type_bool, REQUIRED },
	FIELDS_END,
};
static const struct type bootstrap_answer = { .name = "Bootstrap",
	.purpose = "The caller's tenant in this env",
	.kind = JSON_OBJECT,
	.fields = bootstrap_fields };

static const struct field user_fields[] = {
	{ "id", &type_uuid, REQUIRED | NULLABLE },
	{ "email", &type_text, NULLABLE },
	{ "email_verified", &type_bool, 0 },
	{ "name", &type_text, NULLABLE },
	{ "system_admin", &type_bool, 0 },
	{ "created_at", &type_time, 0 },
	FIELDS_END,
};
static const struct type user = { .name = "User",
	.purpose = "A person; `id` is null as long as nobody knows them",
	.kind = JSON_OBJECT,
	.fields = user_fields };

static const struct field named_tenant_fields[] = {
	{ "id", &type_uuid, REQUIRED },
	{ "slug", &type_text, REQUIRED },
	{ "name", &type_text, REQUIRED },
	{ "organization_name", &type_text, REQUIRED | NULLABLE },
	{ "status", &type_tenant_status, REQUIRED },
	{ "created_at", &type_time, REQUIRED },
	{ "updated_at", &type_time, REQUIRED },
	FIELDS_END,
};
static const struct type named_tenant = { .name = "NamedTenant",
	.purpose = "The tenant that the request names",
	.kind = JSON_OBJECT,
	.fields = named_tenant_fields };

static const struct field pending_request_fields[] = {
	{ "tenant_id", &type_uuid, REQUIRED },
	{ "slug", &type_text, REQUIRED },
	{ "requested_at", &type_time, REQUIRED },
	{ "access_contact", &type_text, REQUIRED | NULLABLE },
	FIELDS_END,
};
static const struct type pending_request = { .name = "PendingRequest",
	.purpose = "A request to join that waits for approval",
	.kind = JSON_OBJECT,
	.fields = pending_request_fields };

static const struct field joinable_fields[] = {
	{ "tenant_id", &type_uuid, REQUIRED },
	{ "slug", &type_text, REQUIRED },
	{ "name", &type_text, REQUIRED },
	{ "domain", &type_text, REQUIRED },
	FIELDS_END,
};
static const struct type joinable = { .name = "JoinableTenant",
	.purpose = "A tenant that whoever has a verified email at its domain is a member of as soon as they ask",
	.kind = JSON_OBJECT,
	.fields = joinable_fields };

static const struct field me_fields[] = {
	{ "user", &user, REQUIRED },
	{ "tenant", &named_tenant, REQUIRED | NULLABLE },
	{ "role", &type_role, REQUIRED | NULLABLE },
	{ "env", &type_env, REQUIRED },
	{ "memberships", ARRAY_OF(type_membership), REQUIRED },
	{ "pending_requests", ARRAY_OF(pending_request), REQUIRED },
	{ "invitations", ARRAY_OF(type_my_invitation), REQUIRED },
	{ "joinable_tenants", ARRAY_OF(joinable), REQUIRED },
	FIELDS_END,
};
static const struct type me = {
	.name = "Me", .purpose = "Who the caller is, and where", .kind = JSON_OBJECT, .fields = me_fields
};

/* ---- the routes */

static const struct route rows[] = {
	{ METHOD_POST, "/v1/auth/bootstrap", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 200, "bootstrap",
		"The caller's tenant in this env: found, joined or made", .answer = &bootstrap_answer,
		.handle = bootstrap_post, .flags = ROUTE_SHORT | ROUTE_KEYED,
		.limits = { { PER_ADDRESS, RATE(bootstrap_per_address) },
			{ PER_ISSUER, RATE(bootstrap_per_issuer) } } },
	{ METHOD_GET, "/v1/auth/me", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 200, "me",
		"Who the caller is: user, tenant, role, memberships, what waits for them", .answer = &me,
		.verb = &identity_me, .flags = ROUTE_SHORT },
};

const struct route_family auth_family =
	FAMILY("auth", "Identity: who the caller is, and their first tenant", rows);
