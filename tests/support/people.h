/*
 * The people of the tests: the superuser with SQL, callers with their tokens, tenants and their members. support/stack.h
 * starts the servers that they use.
 */
#ifndef TENANTD_TESTS_PEOPLE_H
#define TENANTD_TESTS_PEOPLE_H

#include "support/tokens.h"

/* SQL as the superuser, only from the main thread, on a connection that is made again after a restart. `sql` must
 * succeed; `sql_try` may fail. `ask` returns the first value of the first row, or "" when there is no row. */
void sql(const char *fmt, ...) PRINTF(1, 2);
bool sql_try(const char *fmt, ...) PRINTF(1, 2);
const char *ask(const char *fmt, ...) PRINTF(1, 2);
int64_t ask_number(const char *fmt, ...) PRINTF(1, 2);

/* Tokens of the main issuer that are valid for an hour from now. With NULL for tenant or env there is no such claim. They
 * live until http_forget (support/http.h). */
const char *token(const char *subject, const char *tenant, const char *env);
/* The same with claims replaced, added or left out (value NULL), and with the given header, signed with ES256. */
const char *token_of(const char *issuer, const char *header, const struct member *members, size_t count);
#define TOKEN(issuer, header, ...)                                                                           \
	token_of(issuer, header, (const struct member[]){ __VA_ARGS__ },                                         \
		sizeof((const struct member[]){ __VA_ARGS__ }) / sizeof(struct member))
#define HEADER_ES "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"es1\"}"
/* Claims that are valid now, with some replaced, for tokens that a test puts together itself. */
struct str claims_now(const char *issuer, const struct member *members, size_t count);
#define CLAIMS_NOW(issuer, ...)                                                                              \
	claims_now(issuer, (const struct member[]){ __VA_ARGS__ },                                               \
		sizeof((const struct member[]){ __VA_ARGS__ }) / sizeof(struct member))
/* A subject that no other test has: "NAME-17". */
const char *someone(const char *name);

/* Bootstraps `owner` in dev and returns the id of the tenant. */
const char *tenant_of(const char *owner);
/* The same with an active tenant; and in another environment. */
const char *active_tenant_of(const char *owner);
const char *active_tenant_in(const char *env, const char *owner);
/* Two active tenants with new owners, and the tokens of these owners. */
struct two_tenants {
	const char *tenant, *token, *other_tenant, *other;
};
struct two_tenants two_tenants(void);
/* Makes a member by SQL, or gives an existing one this role and status. Returns the id of the user. */
const char *member_of(const char *tenant, const char *subject, const char *role, const char *status);
/* How many events of an action the audit log of a tenant has. */
int64_t events_of(const char *tenant, const char *action);
/* Ends the superuser's connection. */
void people_leave(void);

#endif
