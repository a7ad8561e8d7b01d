/* /v1/audit: what was done in the caller's tenant. */
#include "api/families.h"

const struct field query_of_audit[] = { AUDIT_FILTERS, PAGE_FIELDS, FIELDS_END };

static const struct field event_fields[] = { EVENT_FIELDS, FIELDS_END };
const struct type type_event = { .name = "AuditEvent",
	.purpose =
		"What was done: who, what, in which request. It has the names of changed fields, never their values. "
		"`actor_name` and `object_name` are those of today",
	.kind = JSON_OBJECT,
	.fields = event_fields };

static const struct field moment[] = {
	{ "at", &type_time, 0 },
	PAGE_FIELDS,
	FIELDS_END,
};

static const struct field access_fields[] = {
	{ "user_id", &type_uuid, REQUIRED },
	{ "email", &type_text, REQUIRED | NULLABLE },
	{ "name", &type_text, REQUIRED | NULLABLE },
	{ "role", &type_role, REQUIRED },
	{ "status", &type_member_status, REQUIRED },
	{ "since", &type_time, REQUIRED },
	{ "tenant_status", &type_tenant_status, REQUIRED | NULLABLE },
	FIELDS_END,
};
static const struct type access = { .name = "Access",
	.purpose = "What somebody was in the tenant at a time, and since when. Email and name are those of today",
	.kind = JSON_OBJECT,
	.fields = access_fields };

static const struct field activity_filter[] = { { "days", &type_days, 0 }, FIELDS_END };
static const struct field activity_fields[] = {
	{ "day", &type_date, REQUIRED },
	{ "object_type", &type_text, REQUIRED },
	{ "count", &type_integer, REQUIRED },
	FIELDS_END,
};
static const struct type activity = { .name = "Activity",
	.purpose =
		"How many events of one kind of object a day (of UTC) has; refusals have the object_type `route`",
	.kind = JSON_OBJECT,
	.fields = activity_fields };

static const struct route rows[] = {
	{ METHOD_GET, "/v1/audit", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_ANY }, 200, "listAudit",
		"What was done in the tenant, newest first, in pages", .query = query_of_audit,
		.answer = ARRAY_OF(type_event), .verb = &audit_list },
	{ METHOD_GET, "/v1/audit/access", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_ANY }, 200, "listAccess",
		"Who had which role and status at a time, by the audit log, in pages", .query = moment,
		.answer = ARRAY_OF(access), .verb = &audit_access },
	{ METHOD_GET, "/v1/audit/activity", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_ANY }, 200, "listActivity",
		"How much was done on each day, by the audit log", .query = activity_filter,
		.answer = ARRAY_OF(activity), .verb = &audit_activity },
};

const struct route_family audit_family = FAMILY("audit", "What was done", rows);
