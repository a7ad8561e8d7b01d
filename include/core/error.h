/*
 * One table of everything that can be refused or go wrong: the stable code of problem+json, its HTTP status
 * and title, and the SQLSTATE with which the database reports the same. A test compares docs/errors.md with
 * it.
 *
 * A function that can fail in an expected way returns false and fills struct error. `detail` is for the
 * caller of the API: it holds no SQL, no path, no token and nothing of another tenant. `operator` is for the
 * log.
 */
#ifndef TENANTD_CORE_ERROR_H
#define TENANTD_CORE_ERROR_H

#include "core/str.h"

enum {
	AUDITED = 1, /* a guard refused: when the caller is authenticated, an audit row is written */
	RETRY_AFTER = 2 /* the answer carries Retry-After */
};

/* X(enumerator, code, http status, title, SQLSTATE or "", flags) */
#define ERROR_TABLE(X)                                                                                       \
	X(ERR_NONE, "none", 200, "No error", "", 0)                                                              \
	X(ERR_UNAUTHENTICATED, "unauthenticated", 401, "Authentication required", "TD401", 0)                    \
	X(ERR_TOKEN_EXPIRED, "token_expired", 401, "Token expired", "", 0)                                       \
	X(ERR_TENANT_REQUIRED, "tenant_required", 400, "Tenant required", "TD010", 0)                            \
	X(ERR_TENANT_MISMATCH, "tenant_mismatch", 400, "Tenant mismatch", "TD011", AUDITED)                      \
	X(ERR_TENANT_NOT_FOUND, "tenant_not_found", 404, "Tenant not found", "TD012", AUDITED)                   \
	X(ERR_TENANT_NOT_ACTIVE, "tenant_not_active", 403, "Tenant not active", "TD013", AUDITED)                \
	X(ERR_ENV_REQUIRED, "env_required", 400, "Environment required", "", 0)                                  \
	X(ERR_ENV_MISMATCH, "env_mismatch", 400, "Environment mismatch", "", AUDITED)                            \
	X(ERR_ENV_NOT_ALLOWED, "env_not_allowed", 400, "Environment not allowed", "", AUDITED)                   \
	X(ERR_MEMBERSHIP_PENDING, "membership_pending", 403, "Membership pending", "TD014", AUDITED)             \
	X(ERR_MEMBERSHIP_SUSPENDED, "membership_suspended", 403, "Membership suspended", "TD015", AUDITED)       \
	X(ERR_FORBIDDEN, "forbidden", 403, "Forbidden", "TD403", AUDITED)                                        \
	X(ERR_LAST_OWNER, "last_owner", 409, "Last owner", "TD016", 0)                                           \
	X(ERR_CONFLICT, "conflict", 409, "Conflict", "TD409", 0)                                                 \
	X(ERR_INVALID_REQUEST, "invalid_request", 400, "Invalid request", "TD400", 0)                            \
	X(ERR_TOO_MANY_AFFECTED, "too_many_affected", 400, "Too many rows affected", "TD017", 0)                 \
	X(ERR_NOT_FOUND, "not_found", 404, "Not found", "TD404", 0)                                              \
	X(ERR_METHOD_NOT_ALLOWED, "method_not_allowed", 405, "Method not allowed", "", 0)                        \
	X(ERR_NOT_ACCEPTABLE, "not_acceptable", 406, "Not acceptable", "TD406", 0)                               \
	X(ERR_REQUEST_TIMEOUT, "request_timeout", 408, "Request timeout", "", 0)                                 \
	X(ERR_GONE, "gone", 410, "Gone", "TD410", 0)                                                             \
	X(ERR_PRECONDITION_FAILED, "precondition_failed", 412, "Precondition failed", "", 0)                     \
	X(ERR_CONTENT_TOO_LARGE, "content_too_large", 413, "Content too large", "", 0)                           \
	X(ERR_UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", 415, "Unsupported media type", "", 0)            \
	X(ERR_RANGE_NOT_SATISFIABLE, "range_not_satisfiable", 416, "Range not satisfiable", "", 0)               \
	X(ERR_TOO_MANY_REQUESTS, "too_many_requests", 429, "Too many requests", "TD429", RETRY_AFTER)            \
	X(ERR_HEADERS_TOO_LARGE, "headers_too_large", 431, "Request header fields too large", "", 0)             \
	X(ERR_INTERNAL, "internal", 500, "Internal error", "", 0)                                                \
	X(ERR_ISOLATION_FAILED, "isolation_failed", 503, "Isolation not proven", "", RETRY_AFTER)                \
	X(ERR_CONTEXT_REFUSED, "context_refused", 503, "Context refused", "TD503", RETRY_AFTER)                  \
	X(ERR_UNAVAILABLE, "unavailable", 503, "Service unavailable", "", RETRY_AFTER)

enum error_code {
#define X(name, code, status, title, sqlstate, flags) name,
	ERROR_TABLE(X)
#undef X
		ERROR_COUNT
};

struct error_info {
	const char *code; /* stable, snake_case */
	int status; /* HTTP */
	const char *title;
	const char *sqlstate;
	int flags;
};

/* ERROR_OPERATOR is this large because one text tells everything that is wrong with a migration. */
enum { ERROR_FIELDS = 8, ERROR_TEXT = 256, ERROR_NAME = 64, ERROR_OPERATOR = 4096 };

/* One refused field: its name as the caller wrote it (JSON key, parameter or header), and why. */
struct field_error {
	char name[ERROR_NAME];
	char why[ERROR_TEXT];
};

struct error {
	enum error_code code;
	char detail[ERROR_TEXT]; /* for the caller of the API */
	char operator[ERROR_OPERATOR]; /* for the log only; may be empty */
	struct field_error fields[ERROR_FIELDS];
	size_t field_count;
	/* What the database refused, for code that knows the table. Callers are never shown these as they are. */
	char sqlstate[6];
	char constraint[ERROR_NAME]; /* the constraint's name; empty when there is none or it is longer */
	bool is_of_function; /* raised inside a function in SQL or PL/pgSQL, such as a trigger or an action */
	int64_t retry_after; /* in how many seconds to try again; 0: not known */
};

#define ERROR_INIT                                                                                           \
	{                                                                                                        \
		.code = ERR_NONE                                                                                     \
	}

const struct error_info *error_info(enum error_code code);
/* ERR_NONE when no row of the table has this SQLSTATE. */
enum error_code error_by_sqlstate(struct str sqlstate);

/* Fills `err` and returns false, so that a refusal is one line: return error_set(err, ERR_…, "…"). */
bool error_set(struct error *err, enum error_code code, const char *detail, ...) PRINTF(3, 4);
/* The same, with the operator's words; the caller of the API sees only the title. */
bool error_log(struct error *err, enum error_code code, const char *operator, ...) PRINTF(3, 4);
/* Adds a refused field, sets the code to ERR_INVALID_REQUEST and returns false. After ERROR_FIELDS fields,
 * further ones are dropped. */
bool error_field(struct error *err, struct str name, const char *why, ...) PRINTF(3, 4);

#endif
