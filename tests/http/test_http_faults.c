/*
 * Faults while requests are running: workers are killed, the database is restarted or stopped, the pool reloads or
 * drains. In each case whatever was answered with 200 must be stored, nothing may be stored in part, and the pool must
 * recover by itself.
 */
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { CLIENTS = 12, KEPT = 4000, WORKERS = 8, NEEDED = 40 };

/* Clients that bootstrap one new user after the other, until told to stop. */
struct load {
	atomic_bool stop;
	atomic_size_t started, good, refused, odd;
	atomic_int odd_status;
	atomic_bool without_retry_after;
	char tenants[KEPT][40]; /* of those answered 200 */
	pthread_t thread;
};

static struct load load;

static void one_client(size_t number, void *arg)
{
	(void)number, (void)arg;
	while (!load.stop) {
		char who[64];
		snprintf(who, sizeof(who), "load-%lld-%zu", (long long)clock_mono_us(),
			atomic_fetch_add(&load.started, 1));
		struct http_reply r = HTTP("POST", "/v1/auth/bootstrap", .token = token(who, NULL, "dev"));
		if (r.status == 200) {
			size_t i = atomic_fetch_add(&load.good, 1);
			if (i < KEPT)
				snprintf(load.tenants[i], sizeof(load.tenants[i]), "%s", http_text(&r, "tenant_id"));
		} else if (r.status == 503) {
			atomic_fetch_add(&load.refused, 1);
			if (r.code[0] && !http_header(&r, "Retry-After"))
				load.without_retry_after = true;
		} else {
			load.odd_status = r.status;
			atomic_fetch_add(&load.odd, 1);
		}
		http_forget();
	}
}

static void *all_clients(void *arg)
{
	in_parallel(CLIENTS, one_client, arg);
	return NULL;
}

static void load_begin(void)
{
	memset(&load, 0, sizeof(load));
	if (pthread_create(&load.thread, NULL, all_clients, NULL) != 0)
		exit(EXIT_FAILURE);
	UNTIL(SOON_S, load.good >= NEEDED);
}

static void load_end(void)
{
	load.stop = true;
	pthread_join(load.thread, NULL);
	fprintf(stderr, "  %zu made, %zu refused, %zu otherwise (last %d)\n", load.good, load.refused, load.odd,
		load.odd_status);
}

/* Goes on until so many more were answered 200. */
static void load_goes_on(size_t more)
{
	size_t wanted = load.good + more;
	UNTIL(SOON_S, load.good >= wanted);
	CU_ASSERT(load.good >= wanted);
}

/* Every 200 has its row, and every tenant is whole: one owner, one event of its creation. */
static void check_what_is_there(void)
{
	size_t lost = 0;
	for (size_t i = 0; i < load.good && i < KEPT; i++)
		lost += ask_number("SELECT count(*) FROM tenantd.tenants WHERE id = '%s'", load.tenants[i]) != 1;
	CU_ASSERT_EQUAL(lost, 0);
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM tenantd.tenants t WHERE 1 <> (SELECT count(*) FROM tenantd.tenant_members m"
			" WHERE m.tenant_id = t.id AND m.role = 'owner' AND m.status = 'active')"),
		0);
	CU_ASSERT_EQUAL(
		ask_number(
			"SELECT count(*) FROM tenantd.tenants t WHERE 1 <> (SELECT count(*) FROM tenantd.audit_events e"
			" WHERE e.tenant_id = t.id AND e.action = 'tenant.created')"),
		0);
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM tenantd.users u WHERE NOT EXISTS (SELECT 1 FROM tenantd.tenants t"
				   " WHERE t.bootstrapped_by = u.id)"),
		0);
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM (SELECT bootstrapped_by FROM tenantd.tenants GROUP BY 1"
							   " HAVING count(*) > 1) twice"),
		0);
}

/* Nothing of a request stays at the database: no transaction, no lock. */
static bool is_idle(void)
{
	return ask_number("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
					  " WHERE a.usename = 'tenantd_app'") == 0 &&
		ask_number(
			"SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantd_app'"
			" AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL OR xact_start IS NOT NULL)") == 0;
}

/* T109 */
static void killed_workers_lose_nothing_that_was_answered(void)
{
	pid_t workers[WORKERS];
	load_begin();
	int64_t respawns = http_metric("tenantd_worker_respawns_total");
	for (int i = 0; i < 10; i++) {
		size_t count = stack_workers(workers, WORKERS);
		CU_ASSERT(count > 0);
		if (count > 0)
			kill(workers[i % (int)count], SIGKILL);
		(void)stack_workers_end(&workers[i % (int)count], 1);
		load_goes_on(10);
	}
	load_end();
	stack_pool_wait();
	CU_ASSERT(http_metric("tenantd_worker_respawns_total") >= respawns + 10);
	check_what_is_there();
	CU_ASSERT(is_idle());
}

/* T105 */
static void a_restarted_database_is_found_again(enum cluster_stop how)
{
	pid_t before[WORKERS], after[WORKERS];
	size_t count = stack_workers(before, WORKERS);
	load_begin();
	for (int i = 0; i < 3; i++) {
		size_t refused = load.refused;
		cluster_stop(stack_cluster(), how);
		UNTIL(SOON_S, load.refused >= refused + NEEDED);
		CU_ASSERT(load.refused >= refused + NEEDED);
		struct http_reply r = HTTP("GET", "/readyz");
		CU_ASSERT(http_is(&r, 503, "unavailable"));
		CU_ASSERT(http_header(&r, "Retry-After") != NULL);
		r = HTTP("GET", "/healthz");
		CU_ASSERT(http_is(&r, 200, ""));
		cluster_start(stack_cluster(), NULL);
		load_goes_on(NEEDED);
	}
	load_end();
	stack_pool_wait();
	CU_ASSERT_EQUAL(load.odd, 0);
	CU_ASSERT_FALSE(load.without_retry_after);
	CU_ASSERT_EQUAL(stack_workers(after, WORKERS), count);
	CU_ASSERT_EQUAL(
		memcmp(before, after, count * sizeof(*before)), 0); /* the same workers, new connections */
	check_what_is_there();
	CU_ASSERT(is_idle());
}

static void a_fast_restart_of_the_database_is_survived(void)
{
	a_restarted_database_is_found_again(CLUSTER_FAST);
}

static void an_immediate_restart_of_the_database_is_survived(void)
{
	a_restarted_database_is_found_again(CLUSTER_IMMEDIATE);
}

/* T105: after a failover to a standby every write says 25006. */
static void a_read_only_database_is_503_until_it_takes_writes_again(void)
{
	/* A standby, as after a fail-over that goes on without us; then it is promoted. */
	struct cluster *cluster = stack_cluster();
	struct http_reply r = HTTP("POST", "/v1/auth/bootstrap", .token = token(someone("standby"), NULL, "dev"));
	CU_ASSERT(r.status == 200 || r.status == 201);
	cluster_stop(cluster, CLUSTER_FAST);
	int fd = open(text_of("%s/data/standby.signal", cluster->dir), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	CU_ASSERT_FATAL(fd >= 0 && close(fd) == 0);
	cluster_start(cluster, NULL);
	UNTIL(SOON_S,
		(r = HTTP("POST", "/v1/auth/bootstrap", .token = token("standby", NULL, "dev"))).status == 503);
	CU_ASSERT(http_is(&r, 503, "unavailable"));
	sql("SELECT pg_promote()");
	UNTIL(SOON_S, stack_is_whole());
	r = HTTP("POST", "/v1/auth/bootstrap", .token = token("standby", NULL, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
}

static void terminated_sessions_come_back_at_once(void)
{
	int64_t now = ask_number("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
	sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'tenantd_app'");
	/* Sessions end a little after they were told to, and a new one serves when it passed the gate. */
	UNTIL(SOON_S,
		ask_number("SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantd_app'"
				   " AND extract(epoch FROM backend_start) * 1000000 > %lld",
			(long long)now) >= STACK_WORKERS &&
			stack_is_whole());
	/* No request meets the lost session: a worker looks before it serves. */
	for (int i = 0; i < 20; i++) {
		struct http_reply r = HTTP("GET", "/v1/auth/me", .token = token("terminated", NULL, "dev"));
		CU_ASSERT(http_is(&r, 200, ""));
	}
}

static void a_pool_without_a_database_at_start_refuses_and_recovers(void)
{
	CU_ASSERT_EQUAL(stack_pool_stop(SIGTERM), 0);
	cluster_stop(stack_cluster(), CLUSTER_FAST);
	stack_pool_launch();
	struct http_reply r = HTTP("GET", "/readyz");
	UNTIL(SOON_S, (r = HTTP("GET", "/readyz")).code[0] && http_text(&r, "trace_id")[0]);
	CU_ASSERT(http_is(&r, 503, "unavailable"));
	r = HTTP("POST", "/v1/auth/bootstrap", .token = token(someone("early"), NULL, "dev"));
	CU_ASSERT(http_is(&r, 503, "unavailable"));
	CU_ASSERT(http_header(&r, "Retry-After") != NULL);
	r = HTTP("GET", "/v1/auth/me");
	CU_ASSERT(http_is(&r, 401, "unauthenticated")); /* what needs no database is still said */
	r = HTTP("GET", "/healthz");
	CU_ASSERT(http_is(&r, 200, ""));
	cluster_start(stack_cluster(), NULL);
	stack_pool_wait();
	r = HTTP("POST", "/v1/auth/bootstrap", .token = token(someone("early"), NULL, "dev"));
	CU_ASSERT(http_is(&r, 200, ""));
}

static void reloads_under_load_lose_no_request(void)
{
	pid_t before[WORKERS];
	load_begin();
	for (int i = 0; i < 5; i++) {
		size_t count = stack_workers(before, WORKERS);
		kill(stack_master(), SIGHUP);
		(void)stack_workers_end(before, count);
		load_goes_on(10);
	}
	load_end();
	stack_pool_wait();
	CU_ASSERT_EQUAL(load.refused, 0);
	CU_ASSERT_EQUAL(load.odd, 0);
	check_what_is_there();
}

static void rename_it(size_t number, void *given)
{
	const char *const *both = given;
	(void)number;
	struct http_reply r = HTTP("PATCH", "/v1/tenant", .token = both[0], .body = "{\"name\":\"drained\"}");
	CU_ASSERT(http_is(&r, 200, ""));
}

static void *rename_aside(void *given)
{
	in_parallel(1, rename_it, given);
	return NULL;
}

/* T110 */
static void a_drain_finishes_what_has_begun(void)
{
	const char *who = someone("drain"), *tenant = tenant_of(who);
	const char *both[] = { token(who, tenant, "dev"), NULL };
	pthread_t aside;
	pid_t workers[WORKERS];
	/* The request waits for this lock in the middle of its transaction. */
	sql("BEGIN; SELECT 1 FROM tenantd.tenants WHERE id = '%s' FOR UPDATE", tenant);
	CU_ASSERT_FATAL(pthread_create(&aside, NULL, rename_aside, both) == 0);
	UNTIL(SOON_S, ask_number("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0);
	pid_t master = stack_master();
	kill(master, SIGTERM);
	UNTIL(SOON_S, stack_workers(workers, WORKERS) == 1);
	CU_ASSERT_EQUAL(stack_workers(workers, WORKERS), 1);
	sql("COMMIT");
	pthread_join(aside, NULL);
	CU_ASSERT_EQUAL(stack_pool_stop(SIGTERM), 0);
	CU_ASSERT_STRING_EQUAL(ask("SELECT name FROM tenantd.tenants WHERE id = '%s'", tenant), "drained");
	CU_ASSERT(access(stack_socket(), F_OK) != 0);
	struct http_reply r = HTTP("GET", "/healthz");
	CU_ASSERT_EQUAL(r.status, 503); /* lighttpd's, while there is nobody */
	stack_pool_launch();
	stack_pool_wait();
}

/* T101 */
static void a_lock_or_statement_that_takes_too_long_is_503(void)
{
	const char *who = someone("slow"), *tenant = tenant_of(who), *bearer = token(who, tenant, "dev");
	sql("BEGIN; SELECT 1 FROM tenantd.tenants WHERE id = '%s' FOR UPDATE", tenant);
	struct http_reply r = HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"name\":\"slow\"}");
	sql("ROLLBACK");
	CU_ASSERT(http_is(&r, 503, "unavailable"));
	r = HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"name\":\"fast\"}");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT(is_idle());
}

static void every_ending_leaves_the_connection_idle(void)
{
	const char *who = someone("idle"), *tenant = tenant_of(who), *bearer = token(who, tenant, "dev");
	const struct http_reply endings[] = {
		HTTP("GET", "/v1/tenant", .token = bearer),
		HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"name\":\"n\"}"),
		HTTP("PATCH", "/v1/tenant", .token = bearer, .body = "{\"nobody\":1}"),
		HTTP("GET", "/v1/tenant", .token = token(someone("idle"), tenant, "dev")),
		HTTP("POST", "/v1/members/leave", .token = bearer),
		HTTP("GET", "/v1/members/99999999-9999-4999-8999-999999999999", .token = bearer),
	};
	static const int statuses[] = { 200, 200, 400, 404, 409, 404 };
	for (size_t i = 0; i < COUNT_OF(endings); i++)
		CU_ASSERT(http_is(&endings[i], statuses[i], NULL));
	CU_ASSERT(is_idle());
	CU_ASSERT_EQUAL(http_metric("tenantd_database_unclean_total"), 0);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(every_ending_leaves_the_connection_idle),
		TEST(killed_workers_lose_nothing_that_was_answered),
		TEST(terminated_sessions_come_back_at_once),
		TEST(a_fast_restart_of_the_database_is_survived),
		TEST(an_immediate_restart_of_the_database_is_survived),
		TEST(a_read_only_database_is_503_until_it_takes_writes_again),
		TEST(a_lock_or_statement_that_takes_too_long_is_503),
		TEST(reloads_under_load_lose_no_request),
		TEST(a_drain_finishes_what_has_begun),
		TEST(a_pool_without_a_database_at_start_refuses_and_recovers),
	};
	stack_up();
	return unit_main("faults", tests, COUNT_OF(tests));
}
