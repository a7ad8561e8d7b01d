/*
 * One row says everything about a route: who may call it, what it takes, what it answers, and what it does.
 * The rows of one family are in one file of src/api; src/app/routes.c lists the families. app/dispatch, the
 * OpenAPI document, `tenantctl routes`, docs/routes.md and the tests all use these rows.
 */
#ifndef TENANTD_API_ROUTE_H
#define TENANTD_API_ROUTE_H

#include "api/call.h"
#include "api/form.h"
#include "core/config.h"
#include "repo/verb.h"

#include <stddef.h>

/* What is special about a route beyond its form. */
enum route_flag {
	ROUTE_SHORT = 1, /* it answers without /v1 as well */
	ROUTE_OF_RESOURCE =
		2, /* the guard is the resource's (app/resource_guard); the handler reads query and body */
	ROUTE_MEDIA = 4, /* the body may be as long as [limits] media instead of [limits] body */
	ROUTE_OF_ACCOUNTS = 16, /* there is none unless tenantd is an issuer itself ([accounts] issuer) */
	ROUTE_KEYED = 8, /* a POST with a verb: a repeat with the same Idempotency-Key gets the first answer */
};

/* How often a route may be called, and for whom that is counted. */
enum limit_per {
	PER_ADDRESS = 1, /* the client's address, of IPv6 its /64 */
	PER_ACCOUNT, /* the token's subject; for a visitor, the account that the body's field `email` names */
	PER_ISSUER, /* all callers of one issuer */
	PER_TENANT,
};

struct limit {
	enum limit_per per; /* 0: no limit */
	size_t rate; /* where struct config has it: RATE(key of [limits]) */
};
#define RATE(key) offsetof(struct config, limits.key)
enum { ROUTE_LIMITS = 3 };

struct route {
	enum method method;
	const char *path; /* template: "/v1/members/{user_id}"; what ends in id} must be a UUID */
	enum caller_kind caller; /* how the caller is known; a row without it is closed to everybody */
	struct guard guard; /* the least role, and the status that the tenant must have */
	int status; /* of a successful answer; 204: it has no body */
	const char *id, *summary; /* for the OpenAPI document and docs/routes.md */
	const struct field *query; /* NULL: no parameters */
	const struct type *body; /* NULL: none, or an empty object */
	const struct type *answer; /* NULL: none */
	/* What it does. A verb gets what the forms took, in their order (api/relay.h); a handler is written by
	 * hand. */
	const struct verb *verb;
	handler *handle;
	int flags;
	struct limit limits[ROUTE_LIMITS];
	/* Of 201: the path of what was made, in which a parameter is the answer's field of that name:
	 * "/v1/invitations/{id}". NULL: there is no Location, or a handler says it. */
	const char *location;
};

struct route_family {
	const char *name, *purpose; /* the tag of the OpenAPI document */
	const struct route *routes;
	size_t count;
};

#endif
