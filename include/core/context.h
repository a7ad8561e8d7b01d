/*
 * The request context: who asks, for which (tenant, env), under which guard, in which trace. app/resolve
 * builds it once per request. It never changes after that and is the first argument of every service and
 * repository function. It holds what the token and the headers claim. Whether that is true is decided by the
 * database when the context is entered (repo/tx.h), in the same round trip as the statements.
 */
#ifndef TENANTD_CORE_CONTEXT_H
#define TENANTD_CORE_CONTEXT_H

#include "core/arena.h"
#include "core/trace.h"
#include "core/uuid.h"

enum env { ENV_NONE, ENV_DEV, ENV_STAGING, ENV_PROD, ENV_COUNT };

/* How the caller of a route is known. */
enum caller_kind {
	CALLER_CLOSED, /* a route that names no kind of caller: nobody is answered */
	CALLER_UNASKED, /* anybody: the server only tells about itself, without an env or the database */
	CALLER_VISITOR, /* anybody: there is an env and a transaction, but no token is read */
	CALLER_TOKEN, /* by a verified bearer token, an API key, or the cookie of a session (app/authn.h) */
	CALLER_COUNT
};

/* The least that a known caller must be. The order is the order of power. */
enum least {
	LEAST_CLOSED, /* every caller is refused */
	LEAST_ANYBODY, /* no role is needed: it is enough to be known in the way that the route demands */
	LEAST_MEMBER,
	LEAST_TENANT_ADMIN,
	LEAST_OWNER,
	LEAST_SYSTEM_ADMIN,
	LEAST_COUNT
};

/* The status a tenant must have. */
enum tenant_guard { TENANT_ANY, TENANT_OPEN, TENANT_ACTIVE, TENANT_GUARD_COUNT };

/* How a header or the host named the tenant, while [tenancy] header_fallback lets it. */
enum header_use { HEADER_UNUSED, HEADER_BESIDE_CLAIM, HEADER_ALONE };

struct guard {
	enum least least;
	enum tenant_guard tenant;
};

/* The issuer of API keys, in claims and contexts; their subject is a digest. No issuer of tokens may have this name. */
#define API_KEY_ISSUER "tenantd:api-key"

/* A verified token's subject. The strings live in the request arena and hold no control characters. */
struct identity {
	struct str issuer;
	struct str subject;
	struct str email; /* empty when the token has none */
	struct str name; /* empty when the token has none */
	bool email_verified;
	struct str client; /* the program that the token was issued to; empty when the token does not say */
};

struct catalog; /* the resources: resource/catalog.h */
struct accounts; /* what the own issuer needs: service/accounts.h */
struct tx; /* the one database transaction of the request: repo/tx.h */
struct server; /* what the worker serves with: app/server.h */

struct context {
	struct arena *arena; /* the request's */
	struct identity who;
	struct uuid tenant; /* from the token's claim, or the header under header_fallback; else not set */
	bool tenant_is_claimed; /* the signed claim named it: bootstrap may attach */
	enum header_use header_use; /* is noted with the request (db/functions/cutover.sql) */
	struct str slug; /* from X-Tenant-Slug or the host: must be the tenant's; else empty */
	enum env env;
	enum caller_kind caller;
	struct guard guard;
	bool by_cookie; /* the caller is known by a browser's cookie, which names no tenant */
	struct uuid session; /* of a token that tenantd made itself; else not set */
	struct str limits; /* what the request takes of its route's limits (tenantd.take_limits); may be empty */
	struct str visitor; /* a digest that stands for a visitor, who has no name; else empty */
	bool is_reading; /* the request changes nothing, and has less time */
	const char *route; /* the route's template, e.g. "/v1/members/{user_id}" */
	struct trace trace;
	struct tx *tx;
	const struct catalog *catalog;
	const struct accounts *accounts;
	const struct server *server;
};

/* A context of nobody, in no tenant. Its texts are empty, and none is a null pointer. */
struct context context_of_nobody(struct arena *a, const char *route);

/* "dev", "staging", "prod"; "" for ENV_NONE. */
const char *env_name(enum env e);
/* Normalises: case, surrounding space, `development`, `stage`, `production`. */
MUST_CHECK bool env_parse(struct str s, enum env *out);
/* True when the guard demands a role in a tenant, so that the context is one tenant's. */
bool least_is_of_tenant(enum least least);
/* "member", "tenant_admin", "owner", "system_admin". */
const char *least_name(enum least least);
/* What a caller must be, in one word: the role that is demanded or, when none is, "public", "visitor" or
 * "token". The database uses the same words for its kinds of contexts. */
const char *guard_name(enum caller_kind caller, enum least least);
/* "any", "open", "active". */
const char *tenant_guard_name(enum tenant_guard g);

#endif
