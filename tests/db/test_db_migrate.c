/* Migrations against a real server: the shipped ones, and small ones that are made here with errors (T115). */
#include "core/clock.h"
#include "core/log.h"
#include "db/migrate.h"
#include "db/pipeline.h"
#include "support/cluster.h"
#include "support/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct cluster cluster;
static struct arena *arena;
static struct db *db;
static struct error err;
static struct db_options options;
static struct migrations m;
static size_t applied;

#define ASSERT_OPERATOR_SAYS(text) CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, text))

static void connect_as(const char *database, const char *user)
{
	options = (struct db_options){ .url = cluster_url(&cluster, arena, database, user),
		.application_name = "test",
		.connect_ms = 5000,
		.lock_ms = 300 };
	db_free(db);
	db = db_new(&options);
	err = (struct error)ERROR_INIT;
	if (!db_connect(db, &err)) {
		fprintf(stderr, "cannot connect: %s\n", err.operator);
		exit(EXIT_FAILURE);
	}
}

/* An empty database named after the test, and the migrator's connection to it. */
static void begin(const char *database)
{
	arena_reset(arena);
	cluster_database(&cluster, database);
	connect_as(database, "tenantd_migrator");
}

/* A new folder for migrations. */
static const char *folder(void)
{
	static int count;
	struct str path = arena_printf(arena, "%s/migrations-%d", cluster.dir, ++count);
	if (mkdir(path.at, 0700) != 0)
		exit(EXIT_FAILURE);
	return path.at;
}

static void put(const char *directory, const char *name, struct str sql)
{
	struct str path = arena_printf(arena, "%s/%s", directory, name);
	int fd = open(path.at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, sql.at, sql.len) != (ssize_t)sql.len || close(fd) != 0)
		exit(EXIT_FAILURE);
}

static void drop(const char *directory, const char *name)
{
	if (unlink(arena_printf(arena, "%s/%s", directory, name).at) != 0)
		exit(EXIT_FAILURE);
}

static bool up(const char *directory)
{
	err = (struct error)ERROR_INIT;
	return migrations_read(&m, db, arena, MIGRATIONS_SCHEMA, directory, &err) &&
		migrations_apply(&m, db, arena, false, &applied, &err);
}

/* One value, asked as the role that the connection has. */
static struct str ask(const char *sql)
{
	struct rows rows;
	err = (struct error)ERROR_INIT;
	if (!db_script(db, arena, str_c(sql), &rows, &err) || rows.count == 0)
		return STR("");
	return rows_value(&rows, 0, 0, NULL);
}

static bool relation_exists(const char *name)
{
	struct str sql = arena_printf(arena,
		"SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		" WHERE n.nspname = 'tenantd' AND c.relname = '%s'",
		name);
	return str_eq(ask(sql.at), STR("1"));
}

#define SHIPPED TEST_DATABASE_DIR "/migrations"

static void the_shipped_migrations_run_once_and_verify(void)
{
	begin("shipped");
	CU_ASSERT_FATAL(migrations_read(&m, db, arena, MIGRATIONS_SCHEMA, SHIPPED, &err));
	size_t count = m.count + m.family_count;
	CU_ASSERT(m.count >= 3 && m.family_count > 10);
	CU_ASSERT_FALSE(m.at[0].is_applied);
	CU_ASSERT(str_is_empty(m.at[0].applied_at));
	CU_ASSERT_FATAL(migrations_apply(&m, db, arena, false, &applied, &err));
	CU_ASSERT_EQUAL(applied, count);
	CU_ASSERT(db_is_idle(db));

	CU_ASSERT_FATAL(up(SHIPPED));
	CU_ASSERT_EQUAL(applied, 0);
	for (size_t i = 0; i < m.count; i++) {
		CU_ASSERT(m.at[i].is_applied && !m.at[i].is_changed);
		CU_ASSERT_EQUAL(m.at[i].number, (int)i + 1);
		CU_ASSERT_EQUAL(m.at[i].applied_at.len, strlen("2026-01-01T00:00:00Z"));
	}
	for (size_t i = 0; i < m.family_count; i++)
		CU_ASSERT(m.families[i].state == FAMILY_APPLIED && !str_is_empty(m.families[i].applied_at));
	CU_ASSERT(m.unknown == 0 && m.unknown_families == 0);
}

/* A copy of the shipped files, whose functions may be changed. */
static const char *copy_of_shipped(void)
{
	const char *at = folder();
	struct str command = arena_printf(
		arena, "cp -r '%s' '%s' '%s/'", TEST_DATABASE_DIR "/migrations", TEST_DATABASE_DIR "/functions", at);
	if (system(command.at) != 0)
		exit(EXIT_FAILURE);
	return at;
}

#define ANSWER "SELECT tenantd.answer()"

static void put_answer(const char *at, int answer)
{
	put(at, "functions/answer.sql",
		arena_printf(arena,
			"CREATE OR REPLACE FUNCTION tenantd.answer() RETURNS integer LANGUAGE sql"
			" SET search_path = pg_catalog, pg_temp AS $$ SELECT %d $$;"
			"GRANT EXECUTE ON FUNCTION tenantd.answer() TO tenantd_migrator",
			answer));
}

static void a_changed_family_runs_again_and_no_other(void)
{
	begin("families");
	const char *at = copy_of_shipped(), *migrations = arena_printf(arena, "%s/migrations", at).at;
	put_answer(at, 1);
	CU_ASSERT_FATAL(up(migrations));
	CU_ASSERT(str_eq(ask(ANSWER), STR("1")));
	put_answer(at, 2);
	CU_ASSERT_FATAL(migrations_read(&m, db, arena, MIGRATIONS_SCHEMA, migrations, &err));
	size_t pending = 0;
	for (size_t i = 0; i < m.family_count; i++)
		pending += m.families[i].state == FAMILY_PENDING;
	CU_ASSERT_EQUAL(pending, 1);
	CU_ASSERT_FATAL(up(migrations));
	CU_ASSERT_EQUAL(applied, 1);
	CU_ASSERT(str_eq(ask(ANSWER), STR("2")));
	/* What the gate expects is what ran, whoever ran it. */
	CU_ASSERT(str_eq(
		ask("SET ROLE tenantd_owner; SELECT (made LIKE '%SELECT 2%')::text FROM tenantd.expected_objects"
			" WHERE object = 'function tenantd.answer()' AND part = 'definition'"),
		STR("true")));
}

/* T115: a tenantctl of yesterday must not bring back the functions of yesterday. */
static void an_older_family_is_refused_unless_that_is_said(void)
{
	begin("older");
	const char *at = copy_of_shipped(), *migrations = arena_printf(arena, "%s/migrations", at).at;
	put_answer(at, 1);
	CU_ASSERT_FATAL(up(migrations));
	put_answer(at, 2);
	CU_ASSERT_FATAL(up(migrations));
	put_answer(at, 1);
	CU_ASSERT_FALSE(up(migrations));
	CU_ASSERT_EQUAL(err.code, ERR_CONFLICT);
	ASSERT_OPERATOR_SAYS("functions 'answer'");
	CU_ASSERT(str_eq(ask(ANSWER), STR("2")));
	err = (struct error)ERROR_INIT;
	CU_ASSERT(migrations_apply(&m, db, arena, true, &applied, &err) && applied == 1);
	CU_ASSERT(str_eq(ask(ANSWER), STR("1")));
	CU_ASSERT(up(migrations) && applied == 0);
	drop(at, "functions/answer.sql");
	CU_ASSERT_FALSE(up(migrations));
	ASSERT_OPERATOR_SAYS("the database is newer");
}

/* The schema comes forward whole or not at all: a family that fails takes the others and the migrations with it. */
static void a_family_that_fails_leaves_all_as_it_was(void)
{
	begin("whole");
	const char *at = copy_of_shipped(), *migrations = arena_printf(arena, "%s/migrations", at).at;
	put_answer(at, 1);
	CU_ASSERT_FATAL(up(migrations));
	put_answer(at, 2);
	put(at, "functions/worse.sql", STR("SELECT 1/0"));
	put(at, "migrations/0099_more.sql", STR("CREATE TABLE tenantd.more ()"));
	CU_ASSERT_FALSE(up(migrations));
	drop(at, "migrations/0099_more.sql");
	CU_ASSERT_FALSE(up(migrations));
	ASSERT_OPERATOR_SAYS("worse");
	CU_ASSERT(str_eq(ask(ANSWER), STR("1")));
	put(at, "functions/worse.sql", STR("COMMIT"));
	CU_ASSERT_FALSE(up(migrations));
	ASSERT_OPERATOR_SAYS("ends its transaction");
	drop(at, "functions/worse.sql");
	CU_ASSERT(up(migrations) && str_eq(ask(ANSWER), STR("2")));
}

/* Nobody's function is left behind: what is in the schema is what the files define, but for the audits of tables. */
static void the_schema_has_the_functions_of_the_files_and_no_others(void)
{
	begin("homes");
	CU_ASSERT_FATAL(up(SHIPPED));
	struct rows rows;
	err = (struct error)ERROR_INIT;
	CU_ASSERT_FATAL(db_script(db, arena,
		STR("SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'tenantd'::regnamespace AND proname NOT LIKE 'audit %'"),
		&rows, &err));
	CU_ASSERT(rows.count > 80);
	for (size_t i = 0; i < rows.count; i++) {
		size_t homes = 0;
		struct str head = arena_printf(
			arena, "\nCREATE OR REPLACE FUNCTION tenantd.%.*s(", STR_ARG(rows_value(&rows, i, 0, NULL)));
		for (size_t f = 0; f < m.family_count; f++)
			homes +=
				memmem(m.families[f].file->sql.at, m.families[f].file->sql.len, head.at, head.len) != NULL;
		if (homes != 1)
			fprintf(
				stderr, "  %.*s is defined in %zu files\n", STR_ARG(rows_value(&rows, i, 0, NULL)), homes);
		CU_ASSERT_EQUAL(homes, 1);
	}
}

static void each_set_has_numbers_of_its_own(void)
{
	begin("sets");
	CU_ASSERT_FATAL(up(SHIPPED));
	size_t schema = m.count;
	CU_ASSERT_FATAL(migrations_read(&m, db, arena, "areas", TEST_DATABASE_DIR "/areas", &err));
	CU_ASSERT(m.count >= 16 && m.unknown == 0);
	CU_ASSERT_FATAL(migrations_apply(&m, db, arena, false, &applied, &err));
	CU_ASSERT_EQUAL(applied, m.count);
	CU_ASSERT_FATAL(migrations_apply(&m, db, arena, false, &applied, &err));
	CU_ASSERT_EQUAL(applied, 0);
	CU_ASSERT_FATAL(up(SHIPPED));
	CU_ASSERT(applied == 0 && m.count == schema && m.unknown == 0);

	const char *own = folder();
	put(own, "0001_one.sql",
		STR("CREATE TABLE app.one (id uuid PRIMARY KEY); "
			"SELECT tenantd.register_resource('app.one')"));
	CU_ASSERT_FATAL(migrations_read(&m, db, arena, "own", own, &err));
	CU_ASSERT_FALSE(m.at[0].is_applied);
	CU_ASSERT_FATAL(migrations_apply(&m, db, arena, false, &applied, &err));
	CU_ASSERT_EQUAL(applied, 1);
}

static void the_checksum_is_the_sha_256_of_the_file(void)
{
	begin("checksum");
	const char *at = folder();
	put(at, "0001_one.sql", STR("abc"));
	CU_ASSERT_FATAL(migrations_read(&m, db, arena, MIGRATIONS_SCHEMA, at, &err));
	CU_ASSERT_STRING_EQUAL(
		m.at[0].checksum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void the_workers_cannot_reach_the_record(void)
{
	begin("reach");
	CU_ASSERT_FATAL(up(SHIPPED));
	connect_as("reach", "tenantd_app");
	CU_ASSERT(str_is_empty(ask("SELECT count(*) FROM tenantd.schema_migrations")));
	CU_ASSERT_EQUAL(err.code, ERR_FORBIDDEN);
	CU_ASSERT_FALSE(up(SHIPPED));
	CU_ASSERT_EQUAL(err.code, ERR_FORBIDDEN);
}

static void a_migration_that_fails_leaves_nothing(void)
{
	begin("fails");
	const char *at = folder();
	put(at, "0001_one.sql", STR("CREATE TABLE tenantd.one ();"));
	put(at, "0002_two.sql", STR("CREATE TABLE tenantd.two ();\nSELECT 1/0;"));
	CU_ASSERT_FALSE(up(at));
	ASSERT_OPERATOR_SAYS("migration '0002_two': 22012: division by zero");
	CU_ASSERT_EQUAL(applied, 1);
	CU_ASSERT(db_is_idle(db));
	CU_ASSERT(relation_exists("one"));
	CU_ASSERT_FALSE(relation_exists("two"));
	/* mended, it goes on from there: it never ran, so it may change */
	put(at, "0002_two.sql", STR("CREATE TABLE tenantd.two ();"));
	CU_ASSERT(up(at));
	CU_ASSERT_EQUAL(applied, 1);
	CU_ASSERT(relation_exists("two"));
}

static void a_mistake_is_told_with_its_line(void)
{
	begin("line");
	const char *at = folder();
	put(at, "0001_one.sql", STR("SELECT 1;\n\nCREATE TABEL x ();\n"));
	CU_ASSERT_FALSE(up(at));
	ASSERT_OPERATOR_SAYS("line 3");
}

/* register_resource says of everything what to change, and there is more than one thing. */
static void a_long_refusal_is_told_to_its_end_with_its_hint(void)
{
	begin("long");
	const char *at = folder();
	put(at, "0001_one.sql",
		STR("DO $$ BEGIN RAISE EXCEPTION '%', repeat('what is wrong; ', 100) || 'the end' USING HINT = 'do "
			"that'; END $$;"));
	CU_ASSERT_FALSE(up(at));
	ASSERT_OPERATOR_SAYS("what is wrong; the end; do that");
}

/* up() in a process of its own, which waits long for the lock and exits with 10 and the migrations it applied. */
static pid_t start_up(const struct db_options *like, const char *directory)
{
	static struct db *inherited; /* the parent's: not ours to close */
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	struct db_options its = *like;
	its.lock_ms = 60000;
	inherited = db;
	db = db_new(&its);
	bool ok = db_connect(db, &err) && up(directory);
	db_free(db);
	db = inherited;
	_exit(ok ? 10 + (int)applied : 1);
}

/* T115: kill -9 of the process in the midst of a migration. */
static void a_migration_killed_half_way_leaves_nothing(void)
{
	begin("killed");
	const char *at = folder();
	put(at, "0001_one.sql", STR("CREATE TABLE tenantd.one (); SELECT pg_advisory_lock(4711);"));
	connect_as("killed", "postgres");
	CU_ASSERT(!str_is_empty(ask("SELECT 'held' FROM pg_advisory_lock(4711)")));
	struct db_options its = options;
	its.url = cluster_url(&cluster, arena, "killed", "tenantd_migrator");
	pid_t child = start_up(&its, at);
	/* until it waits for our lock, its table made */
	int64_t deadline = clock_mono_us() + 30 * 1000000LL;
	while (!str_eq(ask("SELECT count(*) FROM pg_locks WHERE NOT granted AND objid = 4711"), STR("1")) &&
		clock_mono_us() < deadline)
		continue;
	CU_ASSERT(clock_mono_us() < deadline);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	CU_ASSERT(!str_is_empty(ask("SELECT 'freed' FROM pg_advisory_unlock(4711)")));
	connect_as("killed", "tenantd_migrator");
	options.lock_ms = 10000; /* the server may take a moment to see that the process is gone */
	CU_ASSERT_FATAL(db_connect(db, &err));
	CU_ASSERT_FATAL(migrations_read(&m, db, arena, MIGRATIONS_SCHEMA, at, &err));
	if (!m.at[0].is_applied)
		CU_ASSERT_FALSE(relation_exists("one"));
	CU_ASSERT(up(at));
	CU_ASSERT(relation_exists("one"));
	CU_ASSERT(m.at[0].is_applied);
}

/* T115 */
static void two_at_once_run_each_migration_once(void)
{
	begin("twice");
	const char *at = folder();
	put(at, "0001_one.sql", STR("CREATE TABLE tenantd.one (at timestamptz DEFAULT clock_timestamp());"));
	put(at, "0002_two.sql", STR("INSERT INTO tenantd.one DEFAULT VALUES;"));
	pid_t children[4];
	for (size_t i = 0; i < COUNT_OF(children); i++)
		children[i] = start_up(&options, at);
	int total = 0;
	for (size_t i = 0; i < COUNT_OF(children); i++) {
		int status = 0;
		waitpid(children[i], &status, 0);
		CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) >= 10);
		total += WEXITSTATUS(status) - 10;
	}
	CU_ASSERT_EQUAL(total, 2);
	connect_as("twice", "postgres");
	CU_ASSERT(str_eq(ask("SELECT count(*) FROM tenantd.one"), STR("1")));
}

static void one_that_waits_too_long_for_another_says_so(void)
{
	begin("waits");
	const char *at = folder();
	put(at, "0001_one.sql", STR("SELECT 1;"));
	struct db_options its = options;
	struct db *other = db_new(&its);
	CU_ASSERT_FATAL(db_connect(other, &err));
	CU_ASSERT(db_script(other, arena, STR("SELECT pg_advisory_lock(7881696318374)"), NULL, &err));
	CU_ASSERT_FALSE(up(at));
	CU_ASSERT_EQUAL(err.code, ERR_UNAVAILABLE);
	ASSERT_OPERATOR_SAYS("another migration is running");
	db_free(other);
	options.lock_ms = 10000;
	CU_ASSERT(db_connect(db, &err));
	CU_ASSERT(up(at));
}

/* T115 */
/* Whoever asks for a table that a migration waits for stands behind it, and must not stand there for long. */
static void a_migration_that_waits_for_a_table_lets_others_go_first(void)
{
	begin("held");
	const char *at = folder();
	put(at, "0001_one.sql", STR("CREATE TABLE tenantd.one ();"));
	CU_ASSERT_FATAL(up(at));
	put(at, "0002_two.sql", STR("ALTER TABLE tenantd.one ADD more integer;"));
	struct db_options migrator = options;
	connect_as("held", "postgres");
	struct db_options its = options;
	its.lock_ms = 5000; /* the migrator of start_up would wait for a minute */
	struct db *other = db_new(&its);
	CU_ASSERT_FATAL(db_connect(other, &err));
	CU_ASSERT(db_script(db, arena, STR("BEGIN; LOCK TABLE tenantd.one IN ACCESS SHARE MODE"), NULL, &err));
	pid_t child = start_up(&migrator, at);
	int64_t deadline = clock_mono_us() + 30 * 1000000LL;
	const char *waiting =
		"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'tenantd.one'::regclass";
	while (!str_eq(ask(waiting), STR("1")) && clock_mono_us() < deadline)
		continue;
	CU_ASSERT(clock_mono_us() < deadline);
	err = (struct error)ERROR_INIT;
	CU_ASSERT(db_script(other, arena, STR("SELECT count(*) FROM tenantd.one"), NULL, &err));
	db_free(other);
	CU_ASSERT(db_script(db, arena, STR("COMMIT"), NULL, &err));
	int status = 0;
	waitpid(child, &status, 0);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 11);
}

static void an_older_program_leaves_a_newer_database_alone(void)
{
	begin("newer");
	const char *at = folder();
	put(at, "0001_one.sql", STR("SELECT 1;"));
	put(at, "0002_two.sql", STR("SELECT 2;"));
	CU_ASSERT(up(at));
	drop(at, "0002_two.sql");
	CU_ASSERT_FALSE(up(at));
	CU_ASSERT_EQUAL(err.code, ERR_CONFLICT);
	ASSERT_OPERATOR_SAYS("the database is newer");
	CU_ASSERT_EQUAL(m.unknown, 1);
}

static void a_changed_migration_stops_all(void)
{
	begin("changed");
	const char *at = folder();
	put(at, "0001_one.sql", STR("SELECT 1;"));
	CU_ASSERT(up(at));
	put(at, "0001_one.sql", STR("SELECT 1; "));
	put(at, "0002_two.sql", STR("CREATE TABLE tenantd.two ();"));
	CU_ASSERT_FALSE(up(at));
	CU_ASSERT_EQUAL(err.code, ERR_CONFLICT);
	ASSERT_OPERATOR_SAYS("'0001_one' was changed after it ran");
	CU_ASSERT(m.at[0].is_changed);
	CU_ASSERT_FALSE(relation_exists("two"));
	/* a new name is a change, too */
	put(at, "0001_uno.sql", STR("SELECT 1;"));
	drop(at, "0001_one.sql");
	CU_ASSERT_FALSE(up(at));
	CU_ASSERT_EQUAL(err.code, ERR_CONFLICT);
}

static void a_migration_that_ends_its_transaction_is_refused(void)
{
	static const char *const bodies[] = { "COMMIT;", "ROLLBACK;", "COMMIT; BEGIN;", "ROLLBACK; BEGIN;" };
	begin("ends");
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		const char *at = folder();
		put(at, "0001_one.sql", str_c(bodies[i]));
		CU_ASSERT_FALSE(up(at));
		ASSERT_OPERATOR_SAYS("ends its transaction");
		CU_ASSERT(db_is_idle(db));
		CU_ASSERT_FATAL(migrations_read(&m, db, arena, MIGRATIONS_SCHEMA, at, &err));
		CU_ASSERT_FALSE(m.at[0].is_applied);
	}
}

static void a_folder_with_gaps_doubles_or_other_names_is_refused(void)
{
	static const struct {
		const char *files[3];
		const char *why;
	} cases[] = {
		{ { "0001_one.sql", "0003_three.sql" }, "'0003_three' stands where number 0002 should" },
		{ { "0002_two.sql" }, "neither gaps nor doubles" },
		{ { "0001_one.sql", "0001_uno.sql" }, "neither gaps nor doubles" },
		{ { "0001_one.sql", "one.sql" }, "is not named" },
		{ { "001_one.sql" }, "is not named" },
		{ { "0001_One.sql" }, "is not named" },
		{ { "0001-one.sql" }, "is not named" },
		{ { "0001_.sql" }, "is not named" },
		{ { "0001_it's.sql" }, "is not named" },
		{ { "notes.txt" }, "no migrations in" },
	};
	begin("names");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *at = folder();
		for (size_t j = 0; j < 3 && cases[i].files[j]; j++)
			put(at, cases[i].files[j], STR("SELECT 1;"));
		CU_ASSERT_FALSE(up(at));
		ASSERT_OPERATOR_SAYS(cases[i].why);
	}
	CU_ASSERT_FALSE(up("/nonexistent"));
	ASSERT_OPERATOR_SAYS("cannot read migrations '/nonexistent'");
	const char *at = folder();
	put(at, "0001_one.sql", STR("SELECT '\xff';"));
	CU_ASSERT_FALSE(up(at));
	ASSERT_OPERATOR_SAYS("is not text in UTF-8");
}

static void a_role_that_may_not_act_as_the_owner_is_refused(void)
{
	begin("owner");
	cluster_sql(
		&cluster, "owner", "CREATE ROLE passer_by LOGIN; GRANT CONNECT ON DATABASE owner TO passer_by");
	connect_as("owner", "passer_by");
	CU_ASSERT_FALSE(up(SHIPPED));
	CU_ASSERT_EQUAL(err.code, ERR_FORBIDDEN);
}

static const struct unit_test tests[] = {
	TEST(the_shipped_migrations_run_once_and_verify),
	TEST(a_changed_family_runs_again_and_no_other),
	TEST(an_older_family_is_refused_unless_that_is_said),
	TEST(a_family_that_fails_leaves_all_as_it_was),
	TEST(the_schema_has_the_functions_of_the_files_and_no_others),
	TEST(each_set_has_numbers_of_its_own),
	TEST(the_checksum_is_the_sha_256_of_the_file),
	TEST(the_workers_cannot_reach_the_record),
	TEST(a_migration_that_fails_leaves_nothing),
	TEST(a_mistake_is_told_with_its_line),
	TEST(a_long_refusal_is_told_to_its_end_with_its_hint),
	TEST(a_migration_killed_half_way_leaves_nothing),
	TEST(two_at_once_run_each_migration_once),
	TEST(one_that_waits_too_long_for_another_says_so),
	TEST(a_migration_that_waits_for_a_table_lets_others_go_first),
	TEST(an_older_program_leaves_a_newer_database_alone),
	TEST(a_changed_migration_stops_all),
	TEST(a_migration_that_ends_its_transaction_is_refused),
	TEST(a_folder_with_gaps_doubles_or_other_names_is_refused),
	TEST(a_role_that_may_not_act_as_the_owner_is_refused),
};

int main(void)
{
	if (!log_open("/dev/null", LOG_LEVEL_INFO, &err))
		return EXIT_FAILURE;
	cluster_open(&cluster);
	arena = arena_new(64 * 1024);
	int status = unit_main("db_migrate", tests, COUNT_OF(tests));
	db_free(db);
	arena_free(arena);
	cluster_close(&cluster);
	return status;
}
