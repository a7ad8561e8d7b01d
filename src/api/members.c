/* /v1/members: who belongs to the caller's tenant. */
#include "api/families.h"

const struct field query_of_members[] = {
	{ "q", &type_text, 0 },
	{ "role", &type_role_given, 0 },
	{ "status", &type_member_status, 0 },
	PAGE_FIELDS,
	FIELDS_END,
};

/* A change cannot make a member pending or removed: a member is removed with DELETE. */
static const struct type status_given = { .name = "MemberStatusGiven",
	.kind = JSON_STRING,
	.words = (const char *const[]){ "active", "suspended", NULL } };
static const struct field change_fields[] = {
	{ "role", &type_role_given, 0 },
	{ "status", &status_given, 0 },
	FIELDS_END,
};
static const struct type change = { .name = "MemberChange",
	.purpose = "What of a member changes; at least one",
	.kind = JSON_OBJECT,
	.fields = change_fields };

static const struct route rows[] = {
	{ METHOD_GET, "/v1/members", CALLER_TOKEN, { LEAST_MEMBER, TENANT_OPEN }, 200, "listMembers",
		"The members, oldest first, in pages", .query = query_of_members, .answer = ARRAY_OF(type_member),
		.verb = &member_list },
	{ METHOD_POST, "/v1/members/leave", CALLER_TOKEN, { LEAST_MEMBER, TENANT_ANY }, 204, "leaveTenant",
		"The caller leaves", .verb = &member_leave, .flags = ROUTE_KEYED },
	{ METHOD_GET, "/v1/members/{user_id}", CALLER_TOKEN, { LEAST_MEMBER, TENANT_OPEN }, 200, "getMember",
		"One member", .answer = &type_member, .verb = &member_get },
	{ METHOD_PATCH, "/v1/members/{user_id}", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 200,
		"changeMember", "Change role or status", .body = &change, .answer = &type_member,
		.verb = &member_change },
	{ METHOD_DELETE, "/v1/members/{user_id}", CALLER_TOKEN, { LEAST_TENANT_ADMIN, TENANT_OPEN }, 204,
		"removeMember", "Remove a member", .verb = &member_remove },
};

const struct route_family members_family = FAMILY("members", "Who belongs to the tenant", rows);
