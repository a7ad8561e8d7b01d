/*
 * The people of the tests: the superuser with SQL, callers with their tokens, tenants and their members. support/stack.h
 * starts the servers that they use.
 */
#ifndef TENANTD_TESTS_PEOPLE_H
#define TENANTD_TESTS_PEOPLE_H

#include "support/tokens.h"

/* SQL as superuser, on a connection that comes back after a restart; from the main thread only. `sql` must
 * succeed; `sql_try` may not. `ask` answers the first value of the first row, "" when there is none. */
void sql(const char *fmt, ...) PRINTF(1, 2);
bool sql_try(const char *fmt, ...) PRINTF(1, 2);
const char *ask(const char *fmt, ...) PRINTF(1, 2);
int64_t ask_number(const char *fmt, ...) PRINTF(1, 2);

/* Tokens of the main issuer, good for an hour from now; tenant and env NULL: no such claim. They live as long as
 * the thread's other replies (support/http.h). */
const char *token(const char *subject, const char *tenant, const char *env);
/* The same with members replaced, added or left out (value NULL), signed by ES256 with the given header. */
const char *token_of(const char *issuer, const char *header, const struct member *members, size_t count);
#define TOKEN(issuer, header, ...)                                                                           \
	token_of(issuer, header, (const struct member[]){ __VA_ARGS__ },                                         \
		sizeof((const struct member[]){ __VA_ARGS__ }) / sizeof(struct member))
#define HEADER_ES "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"es1\"}"
/* Good claims for now with these members replaced: for tokens that are put together by hand. */
struct str claims_now(const char *issuer, const struct member *members, size_t count);
#define CLAIMS_NOW(issuer, ...)                                                                              \
	claims_now(issuer, (const struct member[]){ __VA_ARGS__ },                                               \
		sizeof((const struct member[]){ __VA_ARGS__ }) / sizeof(struct member))
/* A subject that no other test has: "NAME-17". */
const char *someone(const char *name);

/* The tenant that `owner` gets by bootstrapping in dev: its id. */
const char *tenant_of(const char *owner);
/* The same, and active; in another env. */
const char *active_tenant_of(const char *owner);
const char *active_tenant_in(const char *env, const char *owner);
/* Two such, of owners that are nobody else, and these owners' tokens. */
struct two_tenants {
	const char *tenant, *token, *other_tenant, *other;
};
struct two_tenants two_tenants(void);
/* Makes a member by SQL, or makes one what is said; the user's id. */
const char *member_of(const char *tenant, const char *subject, const char *role, const char *status);
/* How many events of an action the log of a tenant has. */
int64_t events_of(const char *tenant, const char *action);
/* Ends the superuser's connection. */
void people_leave(void);

#endif
