/*
 * A long run: a load that never pauses (soak_load.h), memory that must not grow, and reloads and restarts that must cost no
 * request. It takes TENANTD_SOAK_SECONDS, or else 20: `./dev soak --minutes N` says more. The pool has its socket from
 * outside, as from systemd, so that it stays open while a restart goes on.
 */
#include "core/clock.h"
#include "soak_load.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	WORKERS = 4,
	SECONDS = 20,
	LONG_S = 300, /* as long as this, and it is a soak in full */
	SETTLE_S = 60, /* a worker has met each kind of request by then */
	GROWTH_KB = 64,
	MOVED = 50 /* requests after a reload or a restart before the next one */
};

static struct {
	int64_t began_us;
	int64_t seconds;
	int listener;
	size_t reloads, restarts;
	long growth_kb, size_kb;
} run;

static bool is_past(int64_t percent)
{
	return clock_mono_us() - run.began_us >= run.seconds * percent * 10000;
}

/* ---- the pool on a socket that outlives it ---- */

static void give_the_pool_a_socket(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", stack_socket());
	CU_ASSERT_FATAL(stack_pool_stop(SIGTERM) == 0);
	(void)unlink(stack_socket());
	run.listener = socket(AF_UNIX, SOCK_STREAM, 0); /* which the pool inherits */
	CU_ASSERT_FATAL(run.listener >= 0 && bind(run.listener, (struct sockaddr *)&at, sizeof(at)) == 0 &&
		listen(run.listener, SOMAXCONN) == 0);
	static char name[16];
	snprintf(name, sizeof(name), "fd:%d", run.listener);
	stack_set("server", "listen", name);
	stack_pool_launch();
	stack_pool_wait();
}

static void a_load_begins(void)
{
	bool is_long = run.seconds >= LONG_S;
	give_the_pool_a_socket();
	const struct soak_plan plan = { .tenants = is_long ? 1000 : 40,
		.connections = is_long ? 1000 : 200,
		.at_once = 2 * WORKERS,
		.window = is_long ? 50 : 10 };
	run.began_us = clock_mono_us();
	stack_log_mark();
	soak_begin(&plan);
	run.began_us = clock_mono_us();
	UNTIL(SOON_S, soak_tally().open == plan.connections);
	CU_ASSERT_EQUAL(soak_tally().open, plan.connections);
}

/* ---- memory ---- */

/* The memory that a process has for itself alone, -1 when it is gone. */
static long private_kb(pid_t pid)
{
	char path[64], text[128];
	long kb, all = -1;
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	FILE *f = fopen(path, "re");
	while (f && fgets(text, sizeof(text), f))
		if (sscanf(text, "Private_Clean: %ld", &kb) == 1 || sscanf(text, "Private_Dirty: %ld", &kb) == 1)
			all = (all < 0 ? 0 : all) + kb;
	if (f)
		fclose(f);
	return all;
}

static void a_worker_does_not_grow(void)
{
	pid_t workers[WORKERS], later[WORKERS];
	long before[WORKERS];
	int64_t settle_us = run.seconds >= LONG_S ? SETTLE_S * 1000000LL : run.seconds * 300000LL;
	UNTIL(run.seconds, clock_mono_us() - run.began_us >= settle_us);
	CU_ASSERT_FATAL(stack_workers(workers, WORKERS) == WORKERS);
	for (size_t i = 0; i < WORKERS; i++)
		before[i] = private_kb(workers[i]);
	UNTIL(run.seconds, is_past(70));
	CU_ASSERT_FATAL(stack_workers(later, WORKERS) == WORKERS);
	for (size_t i = 0; i < WORKERS; i++) {
		long after = private_kb(later[i]);
		CU_ASSERT_EQUAL(later[i], workers[i]);
		CU_ASSERT(before[i] > 0 && after - before[i] < GROWTH_KB);
		fprintf(stderr, "  worker %zu: %ld kB, then %ld kB\n", i, before[i], after);
		run.growth_kb = after - before[i] > run.growth_kb ? after - before[i] : run.growth_kb;
		run.size_kb = after > run.size_kb ? after : run.size_kb;
	}
}

/* ---- what an operator does meanwhile ---- */

static void wait_for_requests(void)
{
	size_t seen = soak_tally().requests;
	UNTIL(SOON_S, soak_tally().requests >= seen + MOVED);
	CU_ASSERT(soak_tally().requests >= seen + MOVED);
}

static void reload(void)
{
	pid_t before[WORKERS];
	size_t count = stack_workers(before, WORKERS);
	CU_ASSERT_EQUAL(count, WORKERS);
	kill(stack_master(), SIGHUP);
	CU_ASSERT(stack_workers_end(before, count));
	run.reloads++;
}

static void a_reload_costs_no_request(void)
{
	size_t failed = soak_tally().failed;
	do {
		reload();
		wait_for_requests();
	} while (!is_past(85));
	CU_ASSERT_EQUAL(soak_tally().failed, failed);
}

static void a_restart_costs_no_request(void)
{
	size_t failed = soak_tally().failed;
	do {
		CU_ASSERT_EQUAL(stack_pool_stop(SIGTERM), 0);
		stack_pool_launch();
		wait_for_requests();
		run.restarts++;
	} while (!is_past(100));
	CU_ASSERT_EQUAL(soak_tally().failed, failed);
}

static void nobody_is_served_in_a_suspended_tenant(void)
{
	soak_end();
	struct soak_tally t = soak_tally();
	CU_ASSERT_EQUAL(t.served_in_vain, 0);
	CU_ASSERT_EQUAL(t.failed, 0);
	CU_ASSERT(t.rounds > 0 && t.refused > t.changes / 2);
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.tenants WHERE status = 'suspended'"), 0);
	/* Each change has its row, and none has two. */
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.audit_events"
							   " WHERE action IN ('tenant.suspended', 'tenant.reactivated')"),
		(int64_t)t.changes);
	CU_ASSERT_EQUAL(stack_log("worker.watchdog", NULL) + stack_log("audit.lost", NULL) +
			stack_log("database.unclean", NULL),
		0);
	int64_t seconds = (clock_mono_us() - run.began_us) / 1000000;
	fprintf(stderr,
		"  %zu requests in %lld s (%lld a second), %zu of them refused in suspended tenants, %zu failed\n"
		"  %zu suspensions and reactivations in %zu rounds, %zu served in vain\n"
		"  %zu connections renewed as announced, %zu closed while idle\n"
		"  %zu reloads, %zu restarts; a worker has up to %ld kB and grew by up to %ld kB\n",
		t.requests, (long long)seconds, (long long)(t.requests / (size_t)(seconds + 1)), t.refused, t.failed,
		t.changes, t.rounds, t.served_in_vain, t.renewed, t.lost, run.reloads, run.restarts, run.size_kb,
		run.growth_kb);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_load_begins),
		TEST(a_worker_does_not_grow),
		TEST(a_reload_costs_no_request),
		TEST(a_restart_costs_no_request),
		TEST(nobody_is_served_in_a_suspended_tenant),
	};
	const char *seconds = getenv("TENANTD_SOAK_SECONDS");
	run.seconds = seconds ? strtol(seconds, NULL, 10) : SECONDS;
	stack_set("server", "workers", "4");
	stack_set("server", "tenant_share", "4");
	stack_set("log", "level", "info");
	stack_up();
	return unit_main("soak", tests, COUNT_OF(tests));
}
