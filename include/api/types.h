/* The types of values that more than one family of routes uses. The types of a single family are in its
 * own file. */
#ifndef TENANTD_API_TYPES_H
#define TENANTD_API_TYPES_H

#include "api/form.h"

/* These have no form, and only the handler reads them: any JSON value, bytes of any type, the query in
 * PostgREST's grammar. */
extern const struct type type_any, type_bytes;
extern const struct field query_of_resource[];
extern const struct type type_plain; /* an answer as text/plain */
extern const struct type type_bool, type_integer;
extern const struct type type_text; /* any text: answers and filters */
/* How many days back something is told of, today among them, and one of these days, in UTC. */
extern const struct type type_days, type_date;
extern const struct type type_name, type_long_text, type_email,
	type_country; /* core/validate.h has their rules */
extern const struct type type_uuid, type_time;
extern const struct type type_limit, type_cursor; /* of a list in pages: see PAGE_FIELDS */

/* Texts with few values, each a schema of its own name. */
extern const struct type type_env, type_role, type_tenant_status, type_tenant_guard, type_member_status,
	type_actor_kind;
/* A role in a request: the same words as type_role, and `admin` for tenant_admin. */
extern const struct type type_role_given;

/* The tenant as its own members see it. */
extern const struct type type_tenant;
/* A user as the other members see them, a tenant as one of its members sees it from outside, and an invitation
 * as whoever was invited sees it. */
extern const struct type type_member, type_membership, type_my_invitation;
/* An event of the audit log, and the filters of the lists of members and events: the tenant's own people and system
 * administration look at the same. They stand with the families members and audit. */
extern const struct type type_event;
extern const struct field query_of_members[], query_of_audit[];
/* An error (RFC 9457); no route names it, for all can answer it. */
extern const struct type type_problem;

/* The fields of a member, whose status is of this type. */
#define MEMBER_FIELDS(status)                                                                                \
	{ "user_id", &type_uuid, REQUIRED }, { "email", &type_text, REQUIRED | NULLABLE },                       \
		{ "name", &type_text, REQUIRED | NULLABLE }, { "role", &type_role, REQUIRED },                       \
		{ "status", &(status), REQUIRED },                                                                   \
	{                                                                                                        \
		"joined_at", &type_time, REQUIRED | NULLABLE                                                         \
	}

/* The fields of type_event. */
#define EVENT_FIELDS                                                                                         \
	{ "id", &type_uuid, REQUIRED }, { "at", &type_time, REQUIRED }, { "action", &type_text, REQUIRED },      \
		{ "actor_kind", &type_actor_kind, REQUIRED }, { "actor_id", &type_uuid, REQUIRED | NULLABLE },       \
		{ "actor_name", &type_text, REQUIRED | NULLABLE },                                                   \
		{ "actor_label", &type_text, REQUIRED | NULLABLE },                                                  \
		{ "object_type", &type_text, REQUIRED | NULLABLE },                                                  \
		{ "object_id", &type_text, REQUIRED | NULLABLE },                                                    \
		{ "object_name", &type_text, REQUIRED | NULLABLE },                                                  \
		{ "fields", ARRAY_OF(type_text), REQUIRED | NULLABLE }, { "code", &type_text, REQUIRED | NULLABLE }, \
		{ "count", &type_integer, REQUIRED }, { "route", &type_text, REQUIRED | NULLABLE },                  \
		{ "trace_id", &type_text, REQUIRED | NULLABLE },                                                     \
	{                                                                                                        \
		"reason", &type_text, REQUIRED | NULLABLE                                                            \
	}

/* The filters of a list of events. */
#define AUDIT_FILTERS                                                                                        \
	{ "action", &type_text, 0 }, { "actor", &type_uuid, 0 }, { "object", &type_text, 0 },                    \
		{ "since", &type_time, 0 },                                                                          \
	{                                                                                                        \
		"until", &type_time, 0                                                                               \
	}

/* The last fields of the query of every list in pages. */
#define PAGE_FIELDS                                                                                          \
	{ "limit", &type_limit, 0 },                                                                             \
	{                                                                                                        \
		"cursor", &type_cursor, 0                                                                            \
	}

#endif
