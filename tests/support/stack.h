/*
 * The whole of tenantd for a test program: a throw-away PostgreSQL with its roles and migrations, the pool from
 * the build folder and a lighttpd that includes the very file a host includes, all in a folder of their own
 * and on a free loopback port. One per program: stack_up at its start, everything is ended by its process id
 * when the program ends, however it ends. What cannot be set up ends the program; 77, which automake reads as
 * "skipped", when a server program is not installed.
 *
 * Nothing here sleeps for a time: UNTIL waits for a condition, and gives up.
 */
#ifndef TENANTD_TESTS_STACK_H
#define TENANTD_TESTS_STACK_H

#include "core/clock.h"
#include "support/cluster.h"
#include "support/tokens.h"

#include <poll.h>
#include <signal.h>

/* Waits for `condition`, at most so many seconds. The caller asserts it afterwards. */
#define UNTIL(seconds, condition)                                                                            \
	for (int64_t until_us_ = clock_mono_us() + (seconds)*1000000LL;                                          \
		 !(condition) && clock_mono_us() < until_us_;)                                                       \
	poll(NULL, 0, 5)

/* Generous: the machine may be busy with something else. */
enum { SOON_S = 60, STACK_WORKERS = 2 };

/* Sets a key of tenantd's configuration, before stack_up or before stack_reload; NULL: the default again. */
void stack_set(const char *section, const char *key, const char *value);
/* Writes the file, for those who send the signal themselves. */
void stack_write_config(void);
void stack_up(void);
void stack_down(void);
/* Sends SIGHUP and waits until every worker is one of the new generation. */
void stack_reload(void);
/* The pool alone. stop: the signal, then its end is awaited; its exit status, -1 when a signal ended it. */
int stack_pool_stop(int with_signal);
void stack_pool_launch(void); /* does not wait */
void stack_pool_wait(void); /* until /readyz says 200 */
/* True when /readyz said 200 so many times in a row that every worker has probably been asked. */
bool stack_is_ready(void);
/* True when the pool has its workers and each of them has a database that passed the gate. */
bool stack_is_whole(void);

int stack_port(void);
const char *stack_socket(void);
const char *stack_dir(void);
pid_t stack_master(void);
/* The workers' process ids: how many there are, at most `room`. */
size_t stack_workers(pid_t *out, size_t room);
struct cluster *stack_cluster(void);
/* A connection string to the stack's database. */
struct str stack_url(struct arena *a, const char *user);
struct provider *stack_provider(void);
/* The key of the contexts, as its file has it: hex. */
const char *stack_context_key(void);

/* What was logged: stack_log_mark makes the past past, stack_log counts the later lines with both texts in them
 * (`and` may be NULL). */
void stack_log_mark(void);
size_t stack_log(const char *has, const char *and);

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
/* Makes a member by SQL, or makes one what is said; the user's id. */
const char *member_of(const char *tenant, const char *subject, const char *role, const char *status);

#endif
