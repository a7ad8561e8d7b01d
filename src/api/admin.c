/* /v1/admin: what a system administrator does with tenants, members and users. The tenant is named in the path or in the
 * body, because such a caller is in none. What changes something demands a reason, which the audit row has. */
#include "api/families.h"

#include "api/relay.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/validate.h"
#include "service/accounts.h"

static bool reason_fits(struct str field, struct str value, struct error *err)
{
	return validate_text(field, value, LIMIT_REASON, err);
}
static const struct type reason = { .kind = JSON_STRING, .check = reason_fits };
static const struct type slug = { .kind = JSON_STRING, .check = validate_slug };

/* ---- tenants */

static const struct field tenant_filter[] = {
	{ "q", &type_text, 0 },
	{ "status", &type_tenant_status, 0 },
	PAGE_FIELDS,
	FIELDS_END,
};

static const struct field tenant_fields[] = {
	{ "id", &type_uuid, REQUIRED },
	{ "env", &type_env, REQUIRED },
	{ "slug", &type_text, REQUIRED },
	{ "name", &type_text, REQUIRED },
	{ "organization_name", &type_text, REQUIRED | NULLABLE },
	{ "status", &type_tenant_status, REQUIRED },
	{ "legal_name", &type_text, REQUIRED | NULLABLE },
	{ "postal_address", &type_text, REQUIRED | NULLABLE },
	{ "contact_email", &type_text, REQUIRED | NULLABLE },
	{ "country", &type_text, REQUIRED | NULLABLE },
	{ "members", &type_integer, REQUIRED },
	{ "closed_at", &type_time, REQUIRED | NULLABLE },
	{ "reopen_until", &type_time, REQUIRED | NULLABLE },
	{ "created_at", &type_time, REQUIRED },
	{ "updated_at", &type_time, REQUIRED },
	FIELDS_END,
};
static const struct type tenant = { .name = "AdminTenant",
	.purpose = "A tenant as system administration sees it: `members` counts the active ones",
	.kind = JSON_OBJECT,
	.fields = tenant_fields };

static const struct field create_fields[] = {
	{ "name", &type_name, REQUIRED },
	{ "slug", &slug, 0 },
	{ "organization_name", &type_name, 0 },
	{ "owner_email", &type_email, REQUIRED },
	{ "reason", &reason, REQUIRED },
	FIELDS_END,
};
static const struct type create = { .name = "AdminTenantCreate",
	.purpose =
		"A new tenant, and the verified email of its owner. Somebody whom nobody knows yet gets an account, "
		"and a mail in which they choose its password, if tenantd is an issuer itself",
	.kind = JSON_OBJECT,
	.fields = create_fields };

static const struct field rename_fields[] = {
	{ "name", &type_name, 0 },
	{ "slug", &slug, 0 },
	{ "organization_name", &type_name, 0 },
	{ "reason", &reason, REQUIRED },
	FIELDS_END,
};
static const struct type rename = { .name = "AdminTenantRename",
	.purpose = "The new names, at least one, and why",
	.kind = JSON_OBJECT,
	.fields = rename_fields };

static const struct field reason_fields[] = {
	{ "reason", &reason, REQUIRED },
	FIELDS_END,
};
static const struct type because = {
	.name = "AdminReason", .purpose = "Why it is done", .kind = JSON_OBJECT, .fields = reason_fields
};

static const struct type days = {
	.kind = JSON_NUMBER, .least = 0, .most = LIMIT_GRACE_DAYS, .json = "\"default\":30"
};
static const struct field close_fields[] = {
	{ "reason", &reason, REQUIRED },
	{ "grace_days", &days, 0 },
	FIELDS_END,
};
static const struct type close_body = { .name = "AdminTenantClose",
	.purpose = "Why the tenant is closed, and for how many days it can be reopened",
	.kind = JSON_OBJECT,
	.fields = close_fields };

/* ---- members and users */

static const struct type status_given = { .name = "AdminStatusGiven",
	.kind = JSON_STRING,
	.words = (const char *const[]){ "active", "suspended", "removed", NULL },
	.json = "\"default\":\"active\"" };
static const struct field role_fields[] = {
	{ "role", &type_role_given, REQUIRED },
	{ "status", &status_given, 0 },
	{ "reason", &reason, REQUIRED },
	FIELDS_END,
};
static const struct type role = { .name = "AdminRole",
	.purpose = "The role that the user gets, what the membership becomes, and why",
	.kind = JSON_OBJECT,
	.fields = role_fields };

/* Those that are over are shown as well. */
static const struct type any_member_status = { .name = "AnyMemberStatus",
	.kind = JSON_STRING,
	.words = (const char *const[]){ "pending", "active", "suspended", "rejected", "removed", NULL } };
static const struct field member_fields[] = {
	MEMBER_FIELDS(any_member_status),
	FIELDS_END,
};
static const struct type member = { .name = "AdminMember",
	.purpose = "A user in the tenant, or one who was",
	.kind = JSON_OBJECT,
	.fields = member_fields };

static const struct field user_filter[] = {
	{ "q", &type_text, 0 },
	{ "system_admin", &type_bool, 0 },
	PAGE_FIELDS,
	FIELDS_END,
};

static const struct field membership_fields[] = {
	{ "tenant_id", &type_uuid, REQUIRED },
	{ "slug", &type_text, REQUIRED },
	{ "name", &type_text, REQUIRED },
	{ "env", &type_env, REQUIRED },
	{ "role", &type_role, REQUIRED },
	{ "status", &any_member_status, REQUIRED },
	{ "tenant_status", &type_tenant_status, REQUIRED },
	{ "joined_at", &type_time, REQUIRED | NULLABLE },
	FIELDS_END,
};
static const struct type membership = { .name = "AdminMembership",
	.purpose = "A tenant that a user belongs to, or did",
	.kind = JSON_OBJECT,
	.fields = membership_fields };
static const struct field user_fields[] = {
	{ "id", &type_uuid, REQUIRED },
	{ "issuer", &type_text, REQUIRED },
	{ "subject", &type_text, REQUIRED },
	{ "email", &type_text, REQUIRED | NULLABLE },
	{ "email_verified", &type_bool, REQUIRED },
	{ "name", &type_text, REQUIRED | NULLABLE },
	{ "system_admin", &type_bool, REQUIRED },
	{ "created_at", &type_time, REQUIRED },
	{ "memberships", ARRAY_OF(membership), REQUIRED },
	FIELDS_END,
};
static const struct type user = { .name = "AdminUser",
	.purpose = "A user with all their memberships in the env of the request",
	.kind = JSON_OBJECT,
	.fields = user_fields };

static const struct field reassign_fields[] = {
	{ "user_id", &type_uuid, REQUIRED },
	{ "from", &type_uuid, REQUIRED },
	{ "to", &type_uuid, REQUIRED },
	{ "role", &type_role_given, REQUIRED },
	{ "reason", &reason, REQUIRED },
	FIELDS_END,
};
static const struct type reassign = { .name = "Reassignment",
	.purpose = "A member, the tenant that they leave, the one that they come to, their role there, and why",
	.kind = JSON_OBJECT,
	.fields = reassign_fields };
static const struct field reassigned_fields[] = {
	{ "user_id", &type_uuid, REQUIRED },
	{ "from", &type_uuid, REQUIRED },
	{ "to", &type_uuid, REQUIRED },
	{ "role", &type_role, REQUIRED },
	FIELDS_END,
};
static const struct type reassigned = {
	.name = "Reassigned", .purpose = "Who is where now", .kind = JSON_OBJECT, .fields = reassigned_fields
};

/* ---- what was done */

static const struct field event_filter[] = { { "tenant", &type_uuid, 0 }, AUDIT_FILTERS, PAGE_FIELDS,
	FIELDS_END };
static const struct field event_fields[] = {
	EVENT_FIELDS,
	{ "tenant_id", &type_uuid, REQUIRED | NULLABLE },
	{ "tenant_slug", &type_text, REQUIRED | NULLABLE },
	{ "tenant_name", &type_text, REQUIRED | NULLABLE },
	FIELDS_END,
};
static const struct type event = { .name = "AdminAuditEvent",
	.purpose = "What was done, and in which tenant; null: in none",
	.kind = JSON_OBJECT,
	.fields = event_fields };

/* ---- numbers */

static const struct field activity_filter[] = { { "days", &type_days, 0 }, FIELDS_END };
static const struct field statuses_fields[] = {
	{ "onboarding", &type_integer, REQUIRED },
	{ "active", &type_integer, REQUIRED },
	{ "suspended", &type_integer, REQUIRED },
	{ "closed", &type_integer, REQUIRED },
	FIELDS_END,
};
static const struct type statuses = {
	.name = "TenantsByStatus", .kind = JSON_OBJECT, .fields = statuses_fields
};
static const struct field signups_fields[] = {
	{ "day", &type_date, REQUIRED },
	{ "count", &type_integer, REQUIRED },
	FIELDS_END,
};
static const struct type signups = { .name = "SignupsOfDay", .kind = JSON_OBJECT, .fields = signups_fields };
static const struct field refusals_fields[] = {
	{ "code", &type_text, REQUIRED },
	{ "count", &type_integer, REQUIRED },
	FIELDS_END,
};
static const struct type refusals = {
	.name = "RefusalsByCode", .kind = JSON_OBJECT, .fields = refusals_fields
};
static const struct field activity_fields[] = {
	{ "tenants", &statuses, REQUIRED },
	{ "signups", ARRAY_OF(signups), REQUIRED },
	{ "refusals", ARRAY_OF(refusals), REQUIRED },
	FIELDS_END,
};
static const struct type activity = { .name = "AdminActivity",
	.purpose =
		"Numbers of the env: the tenants of today, and the users who came and the refusals of the last days",
	.kind = JSON_OBJECT,
	.fields = activity_fields };

/* The database makes an account for an owner whom nobody knows, when there are accounts here: only the configuration says under
 * which issuer. The form takes no such field, so that nobody else can say it. */
static bool create_post(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct call known = *call;
	struct buf b;
	if (ctx->accounts && ctx->accounts->signer) {
		buf_init(&b, ctx->arena, call->body.len + LIMIT_ISSUER * 2);
		json_write_open(&b, NULL, '{');
		json_write_text(&b, "own_issuer", ctx->accounts->config->accounts.issuer);
		buf_printf(&b, ",%.*s", STR_ARG(str_skip(call->body, 1)));
		if (!buf_ok(&b))
			return error_log(err, ERR_INTERNAL, "the body does not fit");
		known.body = buf_str(&b);
	}
	return relay(ctx, &known, res, err);
}

/* ---- the routes */

#define ADMIN                                                                                                \
	CALLER_TOKEN,                                                                                            \
	{                                                                                                        \
		LEAST_SYSTEM_ADMIN, TENANT_ANY                                                                       \
	}

static const struct route rows[] = {
	{ METHOD_GET, "/v1/admin/tenants", ADMIN, 200, "adminListTenants",
		"The tenants of the env, oldest first, in pages; `q` searches names and ids", .query = tenant_filter,
		.answer = ARRAY_OF(tenant), .verb = &admin_tenant_list },
	{ METHOD_POST, "/v1/admin/tenants", ADMIN, 201, "adminCreateTenant",
		"Make a tenant in onboarding, with an owner", .body = &create, .answer = &tenant,
		.verb = &admin_tenant_create, .handle = create_post, .flags = ROUTE_KEYED,
		.location = "/v1/admin/tenants/{id}" },
	{ METHOD_GET, "/v1/admin/tenants/{id}", ADMIN, 200, "adminGetTenant", "One tenant", .answer = &tenant,
		.verb = &admin_tenant_get },
	{ METHOD_PATCH, "/v1/admin/tenants/{id}", ADMIN, 200, "adminRenameTenant", "Change its names",
		.body = &rename, .answer = &tenant, .verb = &admin_tenant_rename },
	{ METHOD_POST, "/v1/admin/tenants/{id}/suspend", ADMIN, 200, "adminSuspendTenant",
		"Refuse its members until it is reactivated", .body = &because, .answer = &tenant,
		.verb = &admin_tenant_suspend, .flags = ROUTE_KEYED },
	{ METHOD_POST, "/v1/admin/tenants/{id}/reactivate", ADMIN, 200, "adminReactivateTenant",
		"End the suspension", .body = &because, .answer = &tenant, .verb = &admin_tenant_reactivate,
		.flags = ROUTE_KEYED },
	{ METHOD_POST, "/v1/admin/tenants/{id}/close", ADMIN, 200, "adminCloseTenant",
		"Close it; it can be reopened for a time", .body = &close_body, .answer = &tenant,
		.verb = &admin_tenant_close, .flags = ROUTE_KEYED },
	{ METHOD_POST, "/v1/admin/tenants/{id}/reopen", ADMIN, 200, "adminReopenTenant",
		"Take the closing back; 409 when the time for that is over", .body = &because, .answer = &tenant,
		.verb = &admin_tenant_reopen, .flags = ROUTE_KEYED },
	{ METHOD_GET, "/v1/admin/tenants/{id}/members", ADMIN, 200, "adminListMembers",
		"Its members, oldest first, in pages", .query = query_of_members, .answer = ARRAY_OF(type_member),
		.verb = &admin_member_list },
	{ METHOD_PUT, "/v1/admin/tenants/{id}/members/{user_id}", ADMIN, 200, "adminPutMember",
		"Give a user a role in it; suspend or remove a member", .body = &role, .answer = &member,
		.verb = &admin_member_put },
	{ METHOD_GET, "/v1/admin/tenants/{id}/audit", ADMIN, 200, "adminListAudit",
		"What was done in it, newest first, in pages", .query = query_of_audit, .answer = ARRAY_OF(event),
		.verb = &admin_audit_list },
	{ METHOD_GET, "/v1/admin/audit", ADMIN, 200, "adminListEvents",
		"What was done in the tenants of the env and in none, newest first, in pages", .query = event_filter,
		.answer = ARRAY_OF(event), .verb = &admin_event_list },
	{ METHOD_GET, "/v1/admin/users", ADMIN, 200, "adminListUsers",
		"The users with all their memberships in the env, oldest first, in pages", .query = user_filter,
		.answer = ARRAY_OF(user), .verb = &admin_user_list },
	{ METHOD_GET, "/v1/admin/users/{user_id}", ADMIN, 200, "adminGetUser", "One user", .answer = &user,
		.verb = &admin_user_get },
	{ METHOD_GET, "/v1/admin/activity", ADMIN, 200, "adminGetActivity",
		"How many tenants have which status, users who came, and refusals", .query = activity_filter,
		.answer = &activity, .verb = &admin_activity },
	{ METHOD_POST, "/v1/admin/reassignments", ADMIN, 200, "adminReassign",
		"Move a member from one tenant to another, at once", .body = &reassign, .answer = &reassigned,
		.verb = &admin_reassign, .flags = ROUTE_KEYED },
};

const struct route_family admin_family = FAMILY("admin", "System administration", rows);
