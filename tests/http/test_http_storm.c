/*
 * One fault after the other under load, in random order, and afterwards the books: whatever was answered 2xx is in the database
 * exactly once, with its audit row, and nothing else is. It goes on for STORM_SECONDS, or as long as a part of the faults takes that
 * differs from run to run. STORM_SEED repeats an order, STORM_ONLY names a part of a fault's name. T105 T109
 *
 * PostgreSQL stands on a small file system of its own where root can mount one, behind a proxy that can lose answers; it and the pool
 * run under tests/support/preload.c, which is why this program is not one for sanitizers: they replace malloc, too.
 */
#include "storm_load.h"
#include "support/cutter.h"
#include "support/http.h"
#include "support/people.h"
#include "support/preload.h"
#include "support/stack.h"
#include "support/unit.h"

#include "db/conn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	WORKERS = 3,
	COME_BACK = 10,
	HOLD_MS = 700,
	CONNECTIONS = 60,
	BALLAST = 1 << 20,
	SEVERAL = 4,
	SPARE_FDS = 1,
	SECONDS = 25
};

/* What the load writes stays, and a standby is a second copy of it. */
enum { DISK_MB = 400, DISK_MB_PER_MINUTE = 150 };

static struct cutter hosts[2]; /* one of them leads to the primary */
static size_t primary_host;
static struct fault_page *pool_page, *database_page;
static char pages[2][128], disk[64];
static uint64_t seed, drawn;

/* A random number below `bound`. */
static unsigned draw(unsigned bound)
{
	drawn ^= drawn << 13;
	drawn ^= drawn >> 7;
	drawn ^= drawn << 17;
	return (unsigned)(drawn >> 11) % bound;
}

static void hold(int milliseconds)
{
	poll(NULL, 0, milliseconds);
}

/* ---- the servers, under faults ---- */

static struct fault_page *page_new(size_t number, const char *name)
{
	snprintf(pages[number], sizeof(pages[number]), "%s/%s.page", hosts[0].dir, name);
	int fd = open(pages[number], O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || fchmod(fd, 0666) != 0 || ftruncate(fd, sizeof(struct fault_page)) != 0)
		exit(EXIT_FAILURE);
	void *at = mmap(NULL, sizeof(struct fault_page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (at == MAP_FAILED)
		exit(EXIT_FAILURE);
	memset(at, 0, sizeof(struct fault_page)); /* takes its room before the disk is full */
	return at;
}

static void preload(const char *page)
{
	if (page) {
		setenv("LD_PRELOAD", TEST_BUILD_DIR "/preload.so", 1);
		setenv("FAULT_PAGE", page, 1);
	} else {
		unsetenv("LD_PRELOAD");
		unsetenv("FAULT_PAGE");
	}
}

static void launch_pool(void)
{
	preload(pages[0]);
	(void)close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); /* what the clients have open is not the pool's */
	stack_pool_launch();
	preload(NULL);
}

static void start_database(struct cluster *c)
{
	preload(pages[1]);
	cluster_start(c, NULL);
	preload(NULL);
}

static pid_t some_worker(void)
{
	pid_t workers[2 * WORKERS];
	size_t count = stack_workers(workers, COUNT_OF(workers));
	return count > 0 ? workers[draw((unsigned)count)] : 0;
}

static bool has_ended(pid_t pid)
{
	return kill(pid, 0) != 0 && errno == ESRCH;
}

/* Until so many more requests had no answer, or it is clear that they have. */
static void until_refused(size_t more)
{
	size_t wanted = storm_refused() + more;
	UNTIL(3, storm_refused() >= wanted);
}

static void end_sessions(void)
{
	(void)sql_try(
		"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'tenantd_app'");
}

/* ---- the faults ---- */

static void kill_a_worker(void)
{
	pid_t pid = some_worker();
	if (pid > 0 && kill(pid, SIGKILL) == 0)
		UNTIL(SOON_S, has_ended(pid));
}

static void kill_the_master(void)
{
	(void)stack_pool_stop(SIGKILL);
	launch_pool();
}

/* The watchdog ends it, if nobody wakes it before. */
static void stop_a_worker(void)
{
	pid_t pid = some_worker();
	if (pid <= 0 || kill(pid, SIGSTOP) != 0)
		return;
	if (draw(2) == 0)
		hold(HOLD_MS);
	else
		UNTIL(SOON_S, has_ended(pid));
	(void)kill(pid, SIGCONT);
}

static void reload(void)
{
	kill(stack_master(), SIGHUP);
	hold(HOLD_MS);
}

static void restart_database(enum cluster_stop how)
{
	cluster_stop(stack_cluster(), how);
	until_refused(1 + draw(30));
	start_database(stack_cluster());
}

static void restart_fast(void)
{
	restart_database(CLUSTER_FAST);
}

static void restart_immediate(void)
{
	restart_database(CLUSTER_IMMEDIATE);
}

static void kill_the_database(void)
{
	restart_database(CLUSTER_KILL);
}

static void terminate_sessions(void)
{
	for (int i = 0; i < SEVERAL; i++) {
		end_sessions();
		hold((int)draw(300));
	}
}

static void lose_answers(void)
{
	struct cutter *host = &hosts[primary_host];
	for (int i = 0; i < SEVERAL; i++) {
		host->waits_for_answer = draw(3) > 0;
		host->losses = (int)(1 + draw(WORKERS));
		UNTIL(SOON_S, host->losses == 0);
		hold((int)draw(200));
	}
}

static void exhaust_connections(void)
{
	struct db *taken[CONNECTIONS] = { 0 };
	const struct db_options options = {
		.url = stack_url(http_arena(), "tenantd_app"), .application_name = "greedy", .connect_ms = 5000
	};
	size_t count = 0;
	for (int round = 0; round < SEVERAL; round++) {
		(void)sql_try(
			"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE starts_with(application_name, 'tenantd ')");
		for (bool is_in = true; is_in && count < CONNECTIONS; count += is_in) {
			struct error err = ERROR_INIT;
			taken[count] = db_new(&options);
			is_in = db_connect(taken[count], &err);
			if (!is_in)
				db_free(taken[count]);
		}
	}
	until_refused(1 + draw(20));
	while (count > 0)
		db_free(taken[--count]);
}

/* Whatever is written does not fit any more: tables, the log ahead of them, our own log. */
static void fill_the_disk(void)
{
	static char nothing[BALLAST];
	const char *path = text_of("%s/ballast", disk);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	for (size_t piece = sizeof(nothing); fd >= 0 && piece > 0;)
		if (write(fd, nothing, piece) <= 0)
			piece /= 2;
	if (draw(2) == 0)
		(void)sql_try("SELECT pg_switch_wal()"); /* the next one has no room: the server panics */
	hold(2 * HOLD_MS);
	if (fd >= 0)
		close(fd);
	(void)unlink(path);
	struct cluster *c = stack_cluster();
	if (c->pid > 0 && waitpid(c->pid, NULL, WNOHANG) == c->pid)
		c->pid = 0;
	start_database(c); /* when it could not recover, it has ended */
}

static size_t count_fds(pid_t pid, bool is_told)
{
	size_t count = 0;
	const char *path = text_of("/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	for (const struct dirent *e; dir && (e = readdir(dir));) {
		char leads[128] = "";
		if (e->d_name[0] == '.')
			continue;
		count++;
		if (is_told && readlink(text_of("%s/%s", path, e->d_name), leads, sizeof(leads) - 1) > 0)
			fprintf(stderr, "  descriptor %s of %d: %s\n", e->d_name, (int)pid, leads);
	}
	if (dir)
		closedir(dir);
	return count;
}

static void bound_fds(pid_t pid, bool is_bound)
{
	struct rlimit limit;
	if (prlimit(pid, RLIMIT_NOFILE, NULL, &limit) != 0)
		return;
	limit.rlim_cur = is_bound   ? count_fds(pid, false) + draw(SPARE_FDS + 1)
		: limit.rlim_max < 1024 ? limit.rlim_max
								: 1024;
	(void)prlimit(pid, RLIMIT_NOFILE, &limit, NULL);
}

static void use_up_the_descriptors(void)
{
	pid_t pids[2 * WORKERS + 1];
	size_t count = stack_workers(pids, COUNT_OF(pids) - 1);
	pids[count++] = stack_master();
	for (size_t i = 0; i < count; i++)
		bound_fds(pids[i], true);
	end_sessions();
	if (draw(2) == 0 && count > 1)
		kill(pids[0], SIGKILL);
	hold(2 * HOLD_MS);
	/* Those that were forked meanwhile are bound as the master was. */
	size_t more = stack_workers(pids, COUNT_OF(pids) - 1);
	pids[more++] = stack_master();
	for (size_t i = 0; i < more; i++)
		bound_fds(pids[i], false);
}

static void fail_forks(void)
{
	pool_page->forks = 1;
	for (int i = 0; i < 2; i++) {
		pid_t pid = some_worker();
		if (pid > 0)
			kill(pid, SIGKILL);
	}
	hold(2 * HOLD_MS);
	pool_page->forks = 0;
}

static void fail_allocations(void)
{
	for (int i = 0; i < SEVERAL; i++) {
		pool_page->allocations = 20 + draw(3000);
		hold(HOLD_MS / 2);
	}
	pool_page->allocations = 0;
}

/* Within what a token allows, and what it does not. */
static long long some_step(void)
{
	static const long long steps[] = { -1800, -90, -20, 20, 90, 1800 };
	return steps[draw(COUNT_OF(steps))];
}

static void step_clocks(bool of_database)
{
	storm_forgives(true);
	for (int i = 0; i < 3; i++) {
		long long step = some_step();
		pool_page->step_s = step;
		database_page->step_s = of_database ? step : 0;
		hold(HOLD_MS);
	}
	pool_page->step_s = database_page->step_s = 0;
	hold(HOLD_MS / 2);
	storm_forgives(false);
}

static void step_our_clock(void)
{
	step_clocks(false);
}

static void step_both_clocks(void)
{
	step_clocks(true);
}

/* ---- fail-over ---- */

/* Makes a standby of the primary, which from then on answers nothing that the standby does not have. */
static bool make_standby(struct cluster *standby)
{
	struct cluster *primary = stack_cluster();
	*standby = *primary;
	standby->pid = 0;
	files_begin(standby->dir, sizeof(standby->dir), "pg");
	const char *owner = geteuid() == 0 ? text_of("chown -R postgres: '%s'", standby->dir) : "true";
	const char *backup = text_of("%s%spg_basebackup", primary->bin, primary->bin[0] ? "/" : "");
	const char *command =
		text_of("'%s' -h '%s' -U postgres -D '%s/data' -R -c fast --no-sync -X stream && %s", backup,
			primary->dir, standby->dir, owner);
	if (system(command) != 0)
		return false;
	start_database(standby);
	sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
	sql("SELECT pg_reload_conf()");
	sql("CHECKPOINT"); /* the checkpointer tells the others that commits have to wait, and has read it now */
	bool is_in_step = false;
	UNTIL(SOON_S,
		(is_in_step =
				ask_number(
					"SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'") ==
				1));
	return is_in_step;
}

/* The primary is lost, or shut down; for a while there is only a standby, which takes no writes; then it is promoted. */
static void fail_over(void)
{
	static const enum cluster_stop ways[] = { CLUSTER_FAST, CLUSTER_IMMEDIATE, CLUSTER_KILL };
	struct cluster standby, was;
	if (!make_standby(&standby)) {
		CU_FAIL("there is no standby");
		return;
	}
	struct cutter *old = &hosts[primary_host], *next = &hosts[1 - primary_host];
	cutter_lead(next, standby.dir);
	old->way = draw(2) == 0 ? CUTTER_GONE : CUTTER_SILENT;
	cluster_stop(stack_cluster(), ways[draw(COUNT_OF(ways))]);
	until_refused(1 + draw(10));
	cluster_sql(&standby, "postgres", "SELECT pg_promote()");
	was = *stack_cluster();
	people_leave();
	*stack_cluster() = standby;
	primary_host = 1 - primary_host;
	cluster_close(&was);
}

/* ---- the table ---- */

static const char *no_disk(void)
{
	return disk[0] ? NULL : "only root can mount a file system";
}

static struct fault {
	const char *name;
	void (*strike)(void);
	const char *(*why_not)(void); /* NULL: it is always tried */
	size_t struck;
	int64_t slowest_us; /* from its end to the first answer */
} faults[] = {
	{ "a worker is killed", kill_a_worker, NULL, 0, 0 },
	{ "the master is killed", kill_the_master, NULL, 0, 0 },
	{ "a worker is stopped", stop_a_worker, NULL, 0, 0 },
	{ "a reload", reload, NULL, 0, 0 },
	{ "a fast restart of PostgreSQL", restart_fast, NULL, 0, 0 },
	{ "an immediate restart of PostgreSQL", restart_immediate, NULL, 0, 0 },
	{ "PostgreSQL is killed", kill_the_database, NULL, 0, 0 },
	{ "sessions are terminated", terminate_sessions, NULL, 0, 0 },
	{ "answers to COMMIT are lost", lose_answers, NULL, 0, 0 },
	{ "connections are exhausted", exhaust_connections, NULL, 0, 0 },
	{ "the disk is full", fill_the_disk, no_disk, 0, 0 },
	{ "no file descriptor is left", use_up_the_descriptors, NULL, 0, 0 },
	{ "fork fails", fail_forks, NULL, 0, 0 },
	{ "allocations fail", fail_allocations, NULL, 0, 0 },
	{ "the clock of tenantd steps", step_our_clock, NULL, 0, 0 },
	{ "the clock of the host steps", step_both_clocks, NULL, 0, 0 },
	{ "a fail-over to a standby", fail_over, NULL, 0, 0 },
};

static bool is_wanted(const struct fault *f)
{
	const char *only = getenv("STORM_ONLY");
	if (only && !strstr(f->name, only))
		return false;
	if (!f->why_not || !f->why_not())
		return true;
	fprintf(stderr, "  skipped: %s: %s\n", f->name, f->why_not());
	return false;
}

/* Requests come back by themselves, and the pool is whole again. */
static void strike(struct fault *f)
{
	storm_name(f->name);
	size_t refused = storm_refused(), odd = storm_odd();
	f->strike();
	int64_t ended = clock_mono_us();
	size_t before = storm_good();
	UNTIL(SOON_S, storm_good() > before);
	int64_t took = clock_mono_us() - ended;
	UNTIL(SOON_S, storm_good() >= before + COME_BACK);
	CU_ASSERT(storm_good() >= before + COME_BACK);
	f->struck++;
	f->slowest_us = took > f->slowest_us ? took : f->slowest_us;
	fprintf(stderr, "  %-36s %4zu refused, back after %lld ms\n", f->name, storm_refused() - refused,
		(long long)(took / 1000));
	if (storm_odd() > odd)
		fprintf(stderr, "  odd answers in '%s'\n", f->name);
	http_forget();
}

/* In random order, while there is time. */
static void every_fault_once(int64_t until)
{
	size_t order[COUNT_OF(faults)];
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		size_t j = draw((unsigned)i + 1);
		order[i] = order[j];
		order[j] = i;
	}
	for (size_t i = 0; i < COUNT_OF(faults); i++)
		if (clock_mono_us() < until && is_wanted(&faults[order[i]]))
			strike(&faults[order[i]]);
}

static bool is_idle(void)
{
	return ask_number(
			   "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.usename = 'tenantd_app'") ==
		0 &&
		ask_number(
			"SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantd_app'"
			" AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL OR xact_start IS NOT NULL)") == 0;
}

static size_t most_fds(bool is_told)
{
	pid_t pids[2 * WORKERS];
	size_t count = stack_workers(pids, COUNT_OF(pids)), most = 0;
	for (size_t i = 0; i < count; i++)
		if (count_fds(pids[i], is_told) > most)
			most = count_fds(pids[i], false);
	return most;
}

static void tell(int64_t seconds)
{
	fprintf(stderr, "  %lld s, seed %llu: %zu answers, %zu requests that were repeated\n", (long long)seconds,
		(unsigned long long)seed, storm_good(), storm_refused());
	for (size_t i = 0; i < COUNT_OF(faults); i++)
		fprintf(stderr, "  %-36s %3zu times, back after %lld ms at most\n", faults[i].name, faults[i].struck,
			(long long)(faults[i].slowest_us / 1000));
}

/* Starts the database and the pool once more, each in its place: behind the proxies, and under what is preloaded. */
static void move_in(void)
{
	static char url[256];
	sql("ALTER SYSTEM SET max_wal_size = '64MB'");
	sql("ALTER SYSTEM SET min_wal_size = '32MB'");
	storm_prepare();
	snprintf(url, sizeof(url), "host=%s,%s dbname=stack user=tenantd_app target_session_attrs=read-write",
		hosts[0].dir, hosts[1].dir);
	stack_set("database", "url", url);
	cutter_lead(&hosts[0], stack_cluster()->dir);
	(void)stack_pool_stop(SIGTERM);
	cluster_stop(stack_cluster(), CLUSTER_FAST);
	start_database(stack_cluster());
	launch_pool();
	stack_pool_wait();
}

static int64_t seconds_wanted(void)
{
	const char *seconds = getenv("STORM_SECONDS");
	return seconds ? strtoll(seconds, NULL, 10) : SECONDS;
}

static void the_books_balance_after_every_fault(void)
{
	move_in();
	int64_t begun = clock_mono_us(), until = begun + seconds_wanted() * 1000000;
	size_t fds = most_fds(false);
	storm_begin();
	UNTIL(SOON_S, storm_good() >= COME_BACK);
	while (clock_mono_us() < until)
		every_fault_once(until);
	storm_name("after");
	storm_end();
	stack_pool_wait();
	tell((clock_mono_us() - begun) / 1000000);
	CU_ASSERT_EQUAL(storm_odd(), 0);
	CU_ASSERT_EQUAL(storm_differences(), 0);
	bool all_idle = false;
	UNTIL(SOON_S, (all_idle = is_idle()));
	CU_ASSERT(all_idle);
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM pg_stat_activity WHERE starts_with(application_name, 'tenantd ')"),
		WORKERS);
	bool is_level = false;
	UNTIL(SOON_S, (is_level = most_fds(false) <= fds));
	CU_ASSERT(is_level || most_fds(true) <= fds);
	CU_ASSERT_EQUAL(http_metric("tenantd_database_unclean_total"), 0);
}

/* ---- set-up ---- */

static void leave(void)
{
	cutter_close(&hosts[0]);
	cutter_close(&hosts[1]);
	if (disk[0])
		files_end(disk);
}

/* In a name space of its own, so that it goes with the last process, however that ends. */
static void mount_disk(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return;
	files_begin(disk, sizeof(disk), "disk");
	long long size = DISK_MB + seconds_wanted() * DISK_MB_PER_MINUTE / 60;
	const char *options = text_of("size=%lldm,mode=0755", size);
	if (mount("none", disk, "tmpfs", MS_NOSUID | MS_NODEV, options) != 0) {
		files_end(disk);
		disk[0] = '\0';
		return;
	}
	setenv("TMPDIR", disk, 1);
}

static void set_up(void)
{
	mount_disk(); /* before there are threads: they would not see it */
	cutter_open(&hosts[0]);
	cutter_open(&hosts[1]);
	if (atexit(leave) != 0)
		exit(EXIT_FAILURE);
	pool_page = page_new(0, "pool");
	database_page = page_new(1, "database");
	stack_set("server", "workers", "3");
	stack_set("server", "tenant_share", "3");
	stack_set("limits", "request_deadline", "4000");
	stack_set("limits", "statement_timeout", "2500");
	stack_set("limits", "lock_timeout", "1000");
	stack_set("log", "level", "info");
	stack_up();
}

int main(void)
{
	static const struct unit_test tests[] = { TEST(the_books_balance_after_every_fault) };
	const char *given = getenv("STORM_SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_unix_s();
	drawn = seed * 0x9e3779b97f4a7c15 + 1;
	fprintf(stderr, "  seed %llu\n", (unsigned long long)seed);
	set_up();
	return unit_main("storm", tests, COUNT_OF(tests));
}
