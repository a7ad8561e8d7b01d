/* Connections: which ones are refused at the start, and what happens when the server is late or gone. */
#include "test_db.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* db_connect to `url`: what the operator reads of it, "" when it succeeded. */
static const char *connect_to(struct str url, int64_t connect_ms)
{
	struct db_options options = world.options;
	options.url = url;
	options.connect_ms = connect_ms;
	struct db *db = db_new(&options);
	world.err = (struct error)ERROR_INIT;
	uint64_t failures = metrics_value(COUNT_DB_FAILURES);
	if (!db_connect(db, &world.err)) {
		CU_ASSERT_EQUAL(world.err.code, ERR_UNAVAILABLE);
		CU_ASSERT_STRING_EQUAL(world.err.detail, "");
		CU_ASSERT_FALSE(db_is_connected(db));
		CU_ASSERT_EQUAL(db_socket(db), -1);
		CU_ASSERT_EQUAL(metrics_value(COUNT_DB_FAILURES), failures + 1);
	}
	db_free(db);
	return world.err.operator;
}

static void a_session_has_the_settings_of_its_options(void)
{
	world_begin();
	ASSERT_STR(ask(world.db, "SHOW statement_timeout"), "10s");
	ASSERT_STR(ask(world.db, "SHOW lock_timeout"), "200ms");
	ASSERT_STR(ask(world.db, "SHOW idle_in_transaction_session_timeout"), "12s");
	ASSERT_STR(ask(world.db, "SHOW application_name"), "test");
	ASSERT_STR(ask(world.db, "SHOW client_encoding"), "UTF8");
	struct str pid = arena_printf(world.arena, "%d", db_backend_pid(world.db));
	CU_ASSERT(str_eq(ask(world.db, "SELECT pg_backend_pid()"), pid));
}

static void the_operators_own_options_stay(void)
{
	world_begin();
	struct db_options options = world.options;
	options.url = arena_printf(world.arena, "%s options='-c work_mem=77kB'", options.url.at);
	struct db *db = db_new(&options);
	CU_ASSERT_FATAL(db_connect(db, &world.err));
	ASSERT_STR(ask(db, "SHOW work_mem"), "77kB");
	ASSERT_STR(ask(db, "SHOW lock_timeout"), "200ms");
	db_free(db);
}

/* T55 */
static void a_database_that_is_not_utf8_is_refused(void)
{
	world_begin();
	cluster_sql(&world.cluster, "postgres", "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
	struct str url = cluster_url(&world.cluster, world.arena, "latin", "postgres");
	CU_ASSERT_PTR_NOT_NULL(strstr(connect_to(url, 5000), "server_encoding is 'LATIN1'"));
}

/* T116 */
static void no_refusal_repeats_the_password(void)
{
	static const char *const urls[] = {
		"postgresql://app:s3cr3t@localhost:1/x",
		"postgresql://app:pa@s3cr3t@localhost:1/x",
		"postgresql://app:s3cr3t/x@localhost:1/x",
		"host=/nowhere user=app password=s3cr3t",
		"host=/nowhere user=app password=pass s3cr3t",
		"host=/nowhere user=app password='s3cr3t",
		"s3cr3t",
		"",
	};
	world_begin();
	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		const char *why = connect_to(str_c(urls[i]), 1000);
		CU_ASSERT_STRING_NOT_EQUAL(why, "");
		CU_ASSERT_PTR_NULL(strstr(why, "s3cr3t"));
		CU_ASSERT_PTR_NULL(strchr(why, '\n'));
	}
}

/* A host that accepts and says nothing: its folder, and the socket to close. */
static struct str silent_host(const char *name, int *listener)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct str dir = arena_printf(world.arena, "%s/%s", world.cluster.dir, name);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/.s.PGSQL.5432", dir.at);
	*listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_FATAL(mkdir(dir.at, 0700) == 0 && bind(*listener, (struct sockaddr *)&at, sizeof(at)) == 0 &&
		listen(*listener, 5) == 0);
	return dir;
}

/* T85, seen from the other side: the server that accepts and says nothing. */
static void a_server_that_never_answers_costs_no_more_than_the_deadline(void)
{
	int listener;
	world_begin();
	struct str dir = silent_host("silent", &listener);
	int64_t began = clock_mono_us();
	const char *why = connect_to(arena_printf(world.arena, "host=%s user=x", dir.at), 100);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "no answer within 100 ms"));
	CU_ASSERT(clock_mono_us() - began < 5 * 1000 * 1000);
	close(listener);
}

/* Lets whoever connects in, and hangs up, as long as the listener is open. */
static void *hang_up(void *listener)
{
	for (int fd; (fd = accept(*(int *)listener, NULL, NULL)) >= 0;)
		close(fd);
	return NULL;
}

/* T105: a host that is lost does not refuse, and hides the one that was promoted in its place. */
static void of_several_hosts_one_that_failed_is_not_tried_first_again(void)
{
	static const char *const ports[] = { "5432", "5432,5432,5432" };
	int silent, rude;
	pthread_t thread;
	world_begin();
	struct str first = silent_host("lost", &silent), second = silent_host("rude", &rude);
	CU_ASSERT_FATAL(pthread_create(&thread, NULL, hang_up, &rude) == 0);
	for (size_t i = 0; i < COUNT_OF(ports); i++) {
		struct db_options options = world.options;
		options.url = arena_printf(world.arena,
			"host=%s,%s,%s port=%s dbname=postgres user=postgres target_session_attrs=read-write", first.at,
			second.at, world.cluster.dir, ports[i]);
		options.connect_ms = 300;
		struct db *db = db_new(&options);
		struct error err = ERROR_INIT;
		CU_ASSERT_FALSE(db_connect(db, &err));
		CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "no answer"));
		options.connect_ms = 20000;
		err = (struct error)ERROR_INIT;
		CU_ASSERT_FALSE(db_connect(db, &err));
		CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "closed"));
		CU_ASSERT(db_connect(db, &err));
		CU_ASSERT(db_connect(db, &err)); /* and again, without a wait */
		db_free(db);
	}
	shutdown(rude, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(rude);
	close(silent);
}

static void notices_go_to_the_log(void)
{
	world_begin();
	struct str path = arena_printf(world.arena, "%s/notices", world.cluster.dir);
	CU_ASSERT_FATAL(log_open(path.at, LOG_LEVEL_DEBUG, &world.err));
	CU_ASSERT(db_script(
		world.db, world.arena, STR("DO $$BEGIN RAISE NOTICE 'by the way'; END$$"), NULL, &world.err));
	CU_ASSERT(log_open("/dev/null", LOG_LEVEL_DEBUG, &world.err));
	char text[512] = "";
	int fd = open(path.at, O_RDONLY | O_CLOEXEC);
	CU_ASSERT(read(fd, text, sizeof(text) - 1) > 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "by the way"));
	close(fd);
}

static bool run_one(struct db *db, const struct statement *s)
{
	world.err = (struct error)ERROR_INIT;
	return pipeline_add(db, world.arena, s, NULL, 0, &world.err) &&
		pipeline_run(db, world.arena, NULL, 0, NULL, &world.err);
}

static const struct statement note = { "note", "INSERT INTO notes SELECT 1" };
static const struct statement nap = { "nap", "SELECT pg_sleep(60)" };

/* T101 */
static void a_slow_statement_and_a_lock_end_at_their_timeouts(void)
{
	world_begin();
	struct db_options options = world.options;
	options.statement_ms = 50;
	struct db *db = db_new(&options);
	CU_ASSERT_FATAL(db_connect(db, &world.err));
	CU_ASSERT_FALSE(run_one(db, &nap));
	CU_ASSERT_EQUAL(world.err.code, ERR_UNAVAILABLE);
	CU_ASSERT_PTR_NOT_NULL(strstr(world.err.operator, "57014"));
	CU_ASSERT(db_is_idle(db));
	db_free(db);

	struct db *holder = db_new(&world.options);
	CU_ASSERT_FATAL(db_connect(holder, &world.err));
	CU_ASSERT(db_script(holder, world.arena, STR("BEGIN; LOCK TABLE notes"), NULL, &world.err));
	CU_ASSERT_FALSE(run_one(world.db, &note));
	CU_ASSERT_EQUAL(world.err.code, ERR_UNAVAILABLE);
	CU_ASSERT_PTR_NOT_NULL(strstr(world.err.operator, "55P03"));
	CU_ASSERT(db_is_idle(world.db));
	db_free(holder);
}

static void a_silent_server_does_not_hold_the_worker(void)
{
	world_begin();
	struct db_options options = world.options;
	options.statement_ms = 50;
	struct db *db = db_new(&options);
	CU_ASSERT_FATAL(db_connect(db, &world.err));
	pid_t backend = db_backend_pid(db);
	int64_t began = clock_mono_us();
	CU_ASSERT_EQUAL_FATAL(kill(backend, SIGSTOP), 0);
	CU_ASSERT_FALSE(run_one(db, &note));
	kill(backend, SIGCONT);
	CU_ASSERT_EQUAL(world.err.code, ERR_UNAVAILABLE);
	CU_ASSERT_PTR_NOT_NULL(strstr(world.err.operator, "no answer"));
	CU_ASSERT_FALSE(db_is_connected(db));
	CU_ASSERT(clock_mono_us() - began < 10 * 1000 * 1000);
	db_free(db);
}

/* T105 */
static void a_connection_that_the_server_ended_is_said_to_be_lost(void)
{
	world_begin();
	CU_ASSERT(run_one(world.db, &note));
	struct str before = ask_aside("SELECT count(*) FROM notes");
	struct str end =
		arena_printf(world.arena, "SELECT pg_terminate_backend(%d, 5000)", db_backend_pid(world.db));
	ASSERT_STR(ask_aside(end.at), "t");
	CU_ASSERT_FALSE(run_one(world.db, &note)); /* not sent again behind our back */
	CU_ASSERT_EQUAL(world.err.code, ERR_UNAVAILABLE);
	CU_ASSERT_FALSE(db_is_connected(world.db));
	CU_ASSERT_FALSE(run_one(world.db, &note));
	CU_ASSERT_EQUAL(world.err.code, ERR_UNAVAILABLE);
	CU_ASSERT(str_eq(ask_aside("SELECT count(*) FROM notes"), before));
	CU_ASSERT(db_connect(world.db, &world.err));
	CU_ASSERT(run_one(world.db, &note));
}

/* T105 */
static void an_idle_connection_knows_that_its_server_is_gone(void)
{
	world_begin();
	CU_ASSERT(db_is_alive(world.db));
	CU_ASSERT(run_one(world.db, &note));
	CU_ASSERT(db_is_alive(world.db));
	/* what a server says by itself is no reason to leave it */
	CU_ASSERT(db_script(world.db, world.arena, STR("LISTEN aside"), NULL, &world.err));
	(void)ask_aside("SELECT pg_notify('aside', '')");
	while (!db_notified(world.db))
		CU_ASSERT_FATAL(db_is_alive(world.db));
	struct str end =
		arena_printf(world.arena, "SELECT pg_terminate_backend(%d, 5000)", db_backend_pid(world.db));
	ASSERT_STR(ask_aside(end.at), "t");
	CU_ASSERT_FALSE(db_is_alive(world.db));
	CU_ASSERT_FALSE(db_is_connected(world.db));
	world_begin();
	cluster_stop(&world.cluster, CLUSTER_IMMEDIATE);
	CU_ASSERT_FALSE(db_is_alive(world.db));
	cluster_start(&world.cluster, NULL);
}

/* T105, T109 */
static void a_server_that_stops_in_mid_run_leaves_nothing_behind(void)
{
	static const enum cluster_stop ways[] = { CLUSTER_FAST, CLUSTER_IMMEDIATE, CLUSTER_KILL };
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		world_begin();
		struct str before = ask_aside("SELECT count(*) FROM notes");
		/* written and seen by us, not yet committed */
		CU_ASSERT(pipeline_add(world.db, world.arena, &note, NULL, 0, &world.err));
		CU_ASSERT(pipeline_peek(world.db, world.arena, NULL, 0, &world.err));
		pid_t backend = db_backend_pid(world.db);
		if (ways[i] == CLUSTER_KILL) /* else it would serve on without a postmaster until it looks up */
			kill(backend, SIGKILL);
		cluster_stop(&world.cluster, ways[i]);
		CU_ASSERT_FALSE(run_one(world.db, &note));
		CU_ASSERT_EQUAL(world.err.code, ERR_UNAVAILABLE);
		CU_ASSERT_FALSE(db_is_connected(world.db));
		CU_ASSERT_FALSE(db_connect(world.db, &world.err));
		cluster_start(&world.cluster, NULL);
		CU_ASSERT(db_connect(world.db, &world.err));
		CU_ASSERT(str_eq(ask_aside("SELECT count(*) FROM notes"), before));
		CU_ASSERT(run_one(world.db, &note));
	}
}

/* T105: after a fail-over the old address may answer as a standby. */
static void a_database_gone_read_only_costs_the_connection(void)
{
	world_begin();
	CU_ASSERT(
		db_script(world.db, world.arena, STR("SET default_transaction_read_only = on"), NULL, &world.err));
	CU_ASSERT_FALSE(run_one(world.db, &note));
	CU_ASSERT_EQUAL(world.err.code, ERR_UNAVAILABLE);
	CU_ASSERT_FALSE(db_is_connected(world.db));
}

/* T102 */
static void a_full_server_is_unavailable(void)
{
	world_begin();
	cluster_sql(
		&world.cluster, "postgres", "ALTER DATABASE pipeline CONNECTION LIMIT 1; CREATE ROLE plain LOGIN");
	struct str url = cluster_url(&world.cluster, world.arena, "pipeline", "plain");
	CU_ASSERT_PTR_NOT_NULL(strstr(connect_to(url, 5000), "too many connections"));
	cluster_sql(&world.cluster, "postgres", "ALTER DATABASE pipeline CONNECTION LIMIT -1");
}

const struct unit_test conn_tests[] = {
	TEST(a_session_has_the_settings_of_its_options),
	TEST(the_operators_own_options_stay),
	TEST(a_database_that_is_not_utf8_is_refused),
	TEST(no_refusal_repeats_the_password),
	TEST(a_server_that_never_answers_costs_no_more_than_the_deadline),
	TEST(of_several_hosts_one_that_failed_is_not_tried_first_again),
	TEST(notices_go_to_the_log),
	TEST(a_slow_statement_and_a_lock_end_at_their_timeouts),
	TEST(a_silent_server_does_not_hold_the_worker),
	TEST(a_connection_that_the_server_ended_is_said_to_be_lost),
	TEST(an_idle_connection_knows_that_its_server_is_gone),
	TEST(a_server_that_stops_in_mid_run_leaves_nothing_behind),
	TEST(a_database_gone_read_only_costs_the_connection),
	TEST(a_full_server_is_unavailable),
};
const size_t conn_test_count = COUNT_OF(conn_tests);
