/*
 * All servers for a test program: a throw-away PostgreSQL with roles and migrations, the pool from the build folder, and a
 * web server that includes the same file as on a real host: lighttpd, or what TENANTD_TEST_SERVER names. They have a folder of their own and a free loopback port. A
 * program has one stack: it calls stack_up at its start, and when the program ends, in whatever way, the servers are
 * ended by their process ids. When the set-up fails, the program ends; its status is 77, which automake reads as
 * "skipped", when a server program is not installed.
 *
 * Nothing here sleeps for a fixed time: UNTIL waits for a condition, and gives up after a while.
 */
#ifndef TENANTD_TESTS_STACK_H
#define TENANTD_TESTS_STACK_H

#include "support/cluster.h"
#include "support/files.h"
#include "support/people.h"

#include <signal.h>

/* Long enough for a machine that is busy with something else. */
enum { SOON_S = 60, STACK_WORKERS = 2 };

/* TENANTD_TEST_SERVER: lighttpd, proxy (Apache with mod_proxy_fcgi) or fcgid (Apache with mod_fcgid, which starts the pool
 * itself, with one worker). */
enum stack_server { SERVER_LIGHTTPD, SERVER_PROXY, SERVER_FCGID, SERVER_COUNT };
enum stack_server stack_server(void);
/* Asks this server from now on, and starts it beside the others when it does not run yet. */
void stack_web(enum stack_server server);
/* The same with these lines at the end of its configuration, as a host's own mistakes: "" takes them out again. */
void stack_web_with(enum stack_server server, const char *lines);

/* Sets a key of tenantd's configuration, before stack_up or before stack_reload. NULL restores the default. */
void stack_set(const char *section, const char *key, const char *value);
/* Writes the configuration file, for tests that send the signal themselves. */
void stack_write_config(void);
/* A folder of the test's own that tenantd writes into. */
void stack_lend(const char *dir);
void stack_up(void);
void stack_down(void);
/* Sends SIGHUP and waits until every worker is one of the new generation. */
void stack_reload(void);
/* These act on the pool alone. stack_pool_stop sends the signal, waits for the end, and returns the exit status, or -1
 * when a signal ended the pool. */
int stack_pool_stop(int with_signal);
void stack_pool_launch(void); /* does not wait */
void stack_pool_wait(void); /* until /readyz says 200 */
/* True when a target was answered with this status so many times in a row that every worker has probably answered once. */
bool all_workers_answer(const char *token, const char *target, int status);
bool stack_is_ready(void); /* the same of /readyz and 200 */
/* How many workers it has: STACK_WORKERS or what the test set, and one behind mod_fcgid. */
size_t stack_worker_count(void);
/* How often requests are to race. One worker serves them one after the other, so that they do not, and mod_fcgid has them
 * wait for seconds: then it is once. */
int stack_rounds(int rounds);
/* True when the pool has its workers and each of them has a database that passed the gate. */
bool stack_is_whole(void);

/* The tenantd that is tested: TENANTD_PROGRAM in the environment, or else that of the build. */
const char *stack_program(void);
int stack_port(void);
const char *stack_socket(void);
const char *stack_dir(void);
pid_t stack_master(void);
/* Fills in the process ids of the workers and returns how many there are, at most `room`. */
size_t stack_workers(pid_t *out, size_t room);
/* Waits until each of these workers has ended; false when one does not. */
bool stack_workers_end(const pid_t *workers, size_t count);
struct cluster *stack_cluster(void);
/* A connection string to the stack's database. */
struct str stack_url(struct arena *a, const char *user);
struct provider *stack_provider(void);
/* The context key in hex, as in its file. */
const char *stack_context_key(void);

/* What was logged: stack_log counts the lines after the last stack_log_mark that contain both texts. `and` may be NULL. */
void stack_log_mark(void);
size_t stack_log(const char *has, const char *and);

#endif
