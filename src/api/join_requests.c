/* /v1/join-requests: a user asks for a tenant by its slug, and its admins decide. */
#include "api/families.h"

static const struct field pages[] = { PAGE_FIELDS, FIELDS_END };

static const struct field ask_fields[] = {
	{ "slug", &type_name, REQUIRED },
	{ "message", &type_long_text, 0 },
	FIELDS_END,
};
static const struct type ask = { .name = "JoinRequestCreate",
	.purpose = "Which tenant, and what its admins should know",
	.kind = JSON_OBJECT,
	.fields = ask_fields };

static const struct field own_fields[] = {
	{ "tenant_id", &type_uuid, REQUIRED },
	{ "slug", &type_text, REQUIRED },
	{ "status", &type_member_status, REQUIRED },
	{ "message", &type_text, REQUIRED | NULLABLE },
	{ "requested_at", &type_time, REQUIRED },
	{ "access_contact", &type_text, REQUIRED | NULLABLE },
	FIELDS_END,
};
static const struct type own = {
	.name = "MyJoinRequest", .purpose = "A request of the caller", .kind = JSON_OBJECT, .fields = own_fields
};

static const struct field request_fields[] = {
	{ "user_id", &type_uuid, REQUIRED },
	{ "email", &type_text, REQUIRED | NULLABLE },
	{ "email_verified", &type_bool, REQUIRED },
	{ "name", &type_text, REQUIRED | NULLABLE },
	{ "message", &type_text, REQUIRED | NULLABLE },
	{ "requested_at", &type_time, REQUIRED },
	FIELDS_END,
};
static const struct type request = { .name = "JoinRequest",
	.purpose = "Somebody who asks to join the tenant",
	.kind = JSON_OBJECT,
	.fields = request_fields };

static const struct field approve_fields[] = {
	{ "role", &type_role_given, 0 },
	FIELDS_END,
};
static const struct type approve = { .name = "JoinApproval",
	.purpose = "As what they join: a member when nothing is said",
	.kind = JSON_OBJECT,
	.fields = approve_fields };

static const struct route rows[] = {
	{ METHOD_POST, "/v1/join-requests", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 201, "askToJoin",
		"Ask to join a tenant, by its slug", .body = &ask, .answer = &own, .verb = &join_ask,
		.flags = ROUTE_KEYED,
		.limits = { { PER_ADDRESS, RATE(join_requests_per_address) },
			{ PER_ACCOUNT, RATE(join_requests_per_account) } },
		.location = "/v1/me/join-requests/{tenant_id}" },
	{ METHOD_GET, "/v1/me/join-requests", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 200,
		"listMyJoinRequests", "The caller's requests that wait, in pages", .query = pages,
		.answer = ARRAY_OF(own), .verb = &my_join_list },
	{ METHOD_DELETE, "/v1/me/join-requests/{tenant_id}", CALLER_TOKEN, { LEAST_ANYBODY, TENANT_ANY }, 204,
		"withdrawJoinRequest", "Take a request back", .verb = &join_withdraw },
	{ METHOD_GET, "/v1/join-requests", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200,
		"listJoinRequests", "Who asks to join, oldest first, in pages", .query = pages,
		.answer = ARRAY_OF(request), .verb = &join_list },
	{ METHOD_POST, "/v1/join-requests/{user_id}/approve", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN },
		200, "approveJoinRequest", "Let somebody in", .body = &approve, .answer = &type_member,
		.verb = &join_approve, .flags = ROUTE_KEYED },
	{ METHOD_POST, "/v1/join-requests/{user_id}/reject", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN },
		204, "rejectJoinRequest", "Keep somebody out", .verb = &join_reject, .flags = ROUTE_KEYED },
};

const struct route_family join_requests_family = FAMILY("join_requests", "Asking to join a tenant", rows);
