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

/* The last fields of the query of every list in pages. */
#define PAGE_FIELDS                                                                                          \
	{ "limit", &type_limit, 0 },                                                                             \
	{                                                                                                        \
		"cursor", &type_cursor, 0                                                                            \
	}

#endif
