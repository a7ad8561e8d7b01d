/* The types that families share. Their rules are those of core/validate.h. */
#include "api/types.h"

#include "core/limits.h"
#include "core/time.h"
#include "core/uuid.h"
#include "core/validate.h"

static bool long_text_fits(struct str field, struct str value, struct error *err)
{
	return validate_text(field, value, LIMIT_NAME * 5, err);
}

static bool uuid_fits(struct str field, struct str value, struct error *err)
{
	struct uuid id;
	return uuid_parse(value, &id) || error_field(err, field, "is not a UUID");
}

static bool time_fits(struct str field, struct str value, struct error *err)
{
	return time_is_rfc3339(value) || error_field(err, field, "is not a time like 2026-01-31T12:00:00Z");
}

const struct type type_any = { .kind = JSON_NULL };
const struct type type_bytes = { .kind = JSON_NULL };
const struct type type_plain = { .kind = JSON_NULL };
const struct field query_of_resource[] = { FIELDS_END };
const struct type type_bool = { .kind = JSON_BOOL };
const struct type type_integer = { .kind = JSON_NUMBER };
const struct type type_text = { .kind = JSON_STRING };
const struct type type_name = { .kind = JSON_STRING, .check = validate_name };
const struct type type_long_text = { .kind = JSON_STRING, .check = long_text_fits };
const struct type type_email = { .kind = JSON_STRING, .check = validate_email };
const struct type type_country = { .kind = JSON_STRING, .check = validate_country };
const struct type type_uuid = { .kind = JSON_STRING, .json = "\"format\":\"uuid\"", .check = uuid_fits };
const struct type type_time = { .kind = JSON_STRING, .json = "\"format\":\"date-time\"", .check = time_fits };
const struct type type_limit = {
	.kind = JSON_NUMBER, .least = 1, .most = LIMIT_PAGE, .json = "\"default\":100"
};
static_assert(LIMIT_PAGE_DEFAULT == 100, "the default of type_limit");
const struct type type_days = {
	.kind = JSON_NUMBER, .least = 1, .most = LIMIT_ACTIVITY_DAYS, .json = "\"default\":30"
};
const struct type type_date = { .kind = JSON_STRING, .json = "\"format\":\"date\"" };
const struct type type_cursor = { .kind = JSON_STRING };

/* A text that can only be one of these words. */
#define WORDS(identifier, schema, ...)                                                                       \
	const struct type identifier = {                                                                         \
		.name = schema, .kind = JSON_STRING, .words = (const char *const[]){ __VA_ARGS__, NULL }             \
	}

WORDS(type_env, "Env", "dev", "staging", "prod");
WORDS(type_role, "Role", "member", "tenant_admin", "owner");
WORDS(type_tenant_status, "TenantStatus", "onboarding", "active", "suspended", "closed");
WORDS(type_tenant_guard, "TenantGuard", "any", "open", "active");
WORDS(type_member_status, "MemberStatus", "pending", "active", "suspended");
WORDS(type_actor_kind, "ActorKind", "user", "api_key", "operator", "database");

const struct type type_role_given = {
	.name = "RoleGiven",
	.kind = JSON_STRING,
	.words = (const char *const[]){ "member", "tenant_admin", "admin", "owner", NULL },
	.kept = (const char *const[]){ "member", "tenant_admin", "tenant_admin", "owner", NULL },
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
	{ "joinable", &type_bool, REQUIRED },
	{ "invitation_days", &type_integer, REQUIRED },
	{ "ask_again_days", &type_integer, REQUIRED },
	{ "access_contact", &type_text, REQUIRED | NULLABLE },
	{ "created_at", &type_time, REQUIRED },
	{ "updated_at", &type_time, REQUIRED },
	FIELDS_END,
};
const struct type type_tenant = { .name = "Tenant",
	.purpose = "An isolated customer, in one env",
	.kind = JSON_OBJECT,
	.fields = tenant_fields };

static const struct field membership_fields[] = {
	{ "tenant_id", &type_uuid, REQUIRED },
	{ "slug", &type_text, REQUIRED },
	{ "name", &type_text, REQUIRED | NULLABLE },
	{ "env", &type_env, REQUIRED },
	{ "role", &type_role, REQUIRED },
	{ "status", &type_member_status, REQUIRED },
	{ "tenant_status", &type_tenant_status, REQUIRED | NULLABLE },
	{ "joined_at", &type_time, REQUIRED | NULLABLE },
	{ "access_contact", &type_text, REQUIRED | NULLABLE },
	FIELDS_END,
};
const struct type type_membership = { .name = "Membership",
	.purpose =
		"A tenant the caller belongs to; name and tenant_status are null while they only asked to join",
	.kind = JSON_OBJECT,
	.fields = membership_fields };

static const struct field my_invitation_fields[] = {
	{ "id", &type_uuid, REQUIRED },
	{ "tenant_id", &type_uuid, REQUIRED },
	{ "slug", &type_text, REQUIRED },
	{ "name", &type_text, REQUIRED },
	{ "role", &type_role, REQUIRED },
	{ "inviter", &type_text, REQUIRED | NULLABLE },
	{ "sent_at", &type_time, REQUIRED },
	{ "expires_at", &type_time, REQUIRED },
	FIELDS_END,
};
const struct type type_my_invitation = { .name = "MyInvitation",
	.purpose = "An invitation that waits for the caller's verified email, by which they can accept it",
	.kind = JSON_OBJECT,
	.fields = my_invitation_fields };

static const struct field member_fields[] = {
	MEMBER_FIELDS(type_member_status),
	FIELDS_END,
};
const struct type type_member = {
	.name = "Member", .purpose = "A user in the tenant", .kind = JSON_OBJECT, .fields = member_fields
};

static const struct field field_error_fields[] = {
	{ "field", &type_text, REQUIRED },
	{ "detail", &type_text, REQUIRED },
	FIELDS_END,
};
static const struct type type_field_error = {
	.name = "FieldError", .purpose = "One refused field", .kind = JSON_OBJECT, .fields = field_error_fields
};
static const struct type type_code = { .name = "Code",
	.kind = JSON_STRING }; /* its words are the error table's */
static const struct field problem_fields[] = {
	{ "type", &type_text, REQUIRED },
	{ "title", &type_text, REQUIRED },
	{ "status", &type_integer, REQUIRED },
	{ "code", &type_code, REQUIRED },
	{ "detail", &type_text, 0 },
	{ "message", &type_text, 0 },
	{ "details", &type_text, 0 },
	{ "trace_id", &type_text, 0 },
	{ "errors", ARRAY_OF(type_field_error), 0 },
	FIELDS_END,
};
const struct type type_problem = { .name = "Problem",
	.purpose = "An error (RFC 9457); `code` is stable, `trace_id` finds it in the log",
	.kind = JSON_OBJECT,
	.fields = problem_fields };
