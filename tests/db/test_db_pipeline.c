/* The pipeline against a real server: round trips, prepared statements, refusals, commits that fail. */
#include "test_db.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct world world;
size_t sends;

/* In front of libc's: libpq writes through here. */
ssize_t send(int fd, const void *bytes, size_t size, int flags);
ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
	sends++;
	return syscall(SYS_sendto, fd, bytes, size, flags, NULL, 0);
}

void world_begin(void)
{
	arena_reset(world.arena);
	world.err = (struct error)ERROR_INIT;
	if (db_connect(world.db, &world.err))
		return;
	fprintf(stderr, "cannot connect: %s\n", world.err.operator);
	exit(EXIT_FAILURE);
}

struct str ask(struct db *db, const char *sql)
{
	struct rows rows;
	if (!db_query(db, world.arena, sql, NULL, 0, &rows, &world.err) || rows.count == 0)
		return STR("");
	return rows_value(&rows, 0, 0, NULL);
}

struct str ask_aside(const char *sql)
{
	struct db *other = db_new(&world.options);
	struct error err = ERROR_INIT;
	struct str answer = db_connect(other, &err) ? ask(other, sql) : STR("cannot connect");
	db_free(other);
	return answer;
}

static const struct statement add_item = { "add_item",
	"INSERT INTO items (id, name) VALUES ($1::integer, $2)" };
static const struct statement all_items = { "all_items", "SELECT id, name FROM items ORDER BY id" };
static const struct statement fails = { "fails", "SELECT raise($1)" };
static const struct statement add_child = { "add_child", "INSERT INTO children (item) VALUES ($1::integer)" };

static const struct statement echo_bytes = { "echo_bytes",
	"SELECT $1::bytea, octet_length($1::bytea)::text, $2::text" };

static bool add(const struct statement *s, const struct value *values, size_t count)
{
	return pipeline_add(world.db, world.arena, s, values, count, &world.err);
}

static bool add_item_named(const char *id, struct value name)
{
	return add(&add_item, (struct value[]){ VALUE_C(id), name }, 2);
}

static bool run(struct rows *rows, size_t count)
{
	return pipeline_run(world.db, world.arena, rows, count, NULL, &world.err);
}

static size_t item_count(void)
{
	int64_t n;
	return str_to_int64(ask_aside("SELECT count(*) FROM items"), &n) ? (size_t)n : 999;
}

static void start_with_no_items(void)
{
	world_begin();
	CU_ASSERT(db_script(world.db, world.arena, STR("TRUNCATE items, children"), NULL, &world.err));
}

static void a_run_is_one_transaction_in_one_write(void)
{
	start_with_no_items();
	struct rows rows[3];
	uint64_t flushes = db_flushes(world.db);
	size_t before = sends;
	CU_ASSERT(add_item_named("1", VALUE(STR("one"))));
	CU_ASSERT(add_item_named("2", VALUE_NULL));
	CU_ASSERT(add(&all_items, NULL, 0));
	CU_ASSERT_EQUAL(sends, before);
	CU_ASSERT(run(rows, 3));
	CU_ASSERT_EQUAL(sends - before, 1);
	CU_ASSERT_EQUAL(db_flushes(world.db) - flushes, 1);
	CU_ASSERT_EQUAL(rows[0].affected, 1);
	CU_ASSERT_EQUAL(rows[2].count, 2);
	CU_ASSERT_EQUAL(rows[2].affected, 0);
	bool is_null;
	ASSERT_STR(rows_value(&rows[2], 0, 1, &is_null), "one");
	CU_ASSERT_FALSE(is_null);
	ASSERT_STR(rows_value(&rows[2], 1, 1, &is_null), "");
	CU_ASSERT_TRUE(is_null);
	CU_ASSERT(db_is_idle(world.db));
}

static void bytes_go_and_come_as_they_are(void)
{
	static char large[3 * 1024 * 1024];
	const struct str bytes = str_of("a\0\\x\xff\0", 6);
	struct rows rows;
	world_begin();
	for (int turn = 0; turn < 2; turn++) { /* parsed, and known */
		CU_ASSERT_FATAL(
			add(&echo_bytes, (struct value[]){ VALUE_BINARY(bytes), VALUE_C("a text beside them") }, 2));
		pipeline_binary(world.db);
		CU_ASSERT_FATAL(pipeline_run(world.db, world.arena, &rows, 1, NULL, &world.err));
		CU_ASSERT(str_eq(rows_value(&rows, 0, 0, NULL), bytes));
		CU_ASSERT(str_eq(rows_value(&rows, 0, 1, NULL), STR("6")));
		CU_ASSERT(str_eq(rows_value(&rows, 0, 2, NULL), STR("a text beside them")));
	}
	CU_ASSERT_FATAL(add(&echo_bytes, (struct value[]){ VALUE_BINARY(STR("")), VALUE_NULL }, 2));
	CU_ASSERT(pipeline_run(world.db, world.arena, &rows, 1, NULL, &world.err));
	CU_ASSERT(str_eq(rows_value(&rows, 0, 0, NULL), STR("\\x")) && !db_is_swollen(world.db));
	CU_ASSERT_FATAL(
		add(&echo_bytes, (struct value[]){ VALUE_BINARY(str_of(large, sizeof(large))), VALUE_NULL }, 2));
	CU_ASSERT(pipeline_run(world.db, world.arena, &rows, 1, NULL, &world.err) && db_is_swollen(world.db));
	db_close(world.db);
	CU_ASSERT(!db_is_swollen(world.db));
}

static void a_statement_is_parsed_once_per_connection(void)
{
	start_with_no_items();
	static const char count[] = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'add_item.%'";
	CU_ASSERT(add_item_named("1", VALUE_NULL) && add_item_named("2", VALUE_NULL) && run(NULL, 0));
	CU_ASSERT(add_item_named("3", VALUE_NULL) && run(NULL, 0));
	ASSERT_STR(ask(world.db, count), "1");
	CU_ASSERT(db_connect(world.db, &world.err));
	ASSERT_STR(ask(world.db, count), "0");
	CU_ASSERT(add_item_named("4", VALUE_NULL) && run(NULL, 0));
	ASSERT_STR(ask(world.db, count), "1");
	CU_ASSERT_EQUAL(item_count(), 4);
}

static void the_first_refusal_decides_and_undoes_all(void)
{
	start_with_no_items();
	struct rows rows[4];
	bool again = true;
	CU_ASSERT(add_item_named("1", VALUE_NULL));
	CU_ASSERT(add(&fails, (struct value[]){ VALUE_C("TD013") }, 1));
	CU_ASSERT(add(&fails, (struct value[]){ VALUE_C("TD403") }, 1));
	CU_ASSERT(add(&all_items, NULL, 0));
	CU_ASSERT_FALSE(pipeline_run(world.db, world.arena, rows, 4, &again, &world.err));
	CU_ASSERT_EQUAL(world.err.code, ERR_TENANT_NOT_ACTIVE);
	CU_ASSERT_STRING_EQUAL(world.err.detail, "");
	CU_ASSERT_PTR_NOT_NULL(strstr(world.err.operator, "statement fails"));
	CU_ASSERT_FALSE(again);
	CU_ASSERT(db_is_idle(world.db));
	CU_ASSERT_EQUAL(item_count(), 0);
	/* all_items was skipped, so it is parsed now */
	CU_ASSERT(add(&all_items, NULL, 0) && run(rows, 1));
	CU_ASSERT_EQUAL(rows[0].count, 0);
}

static void a_constraint_looked_at_in_the_commit_fails_the_run(void)
{
	start_with_no_items();
	struct rows rows[2];
	CU_ASSERT(add(&add_child, (struct value[]){ VALUE_C("7") }, 1));
	CU_ASSERT(add(&all_items, NULL, 0));
	CU_ASSERT_FALSE(run(rows, 2));
	CU_ASSERT_EQUAL(world.err.code, ERR_INVALID_REQUEST);
	CU_ASSERT_PTR_NOT_NULL(strstr(world.err.operator, "23503"));
	CU_ASSERT_PTR_NOT_NULL(strstr(world.err.operator, "commit"));
	CU_ASSERT(db_is_idle(world.db));
	CU_ASSERT(add(&all_items, NULL, 0) && run(rows, 1));
	ASSERT_STR(ask_aside("SELECT count(*) FROM children"), "0");
	/* within one transaction the order does not matter */
	CU_ASSERT(add(&add_child, (struct value[]){ VALUE_C("7") }, 1) && add_item_named("7", VALUE_NULL));
	CU_ASSERT(run(NULL, 0));
	ASSERT_STR(ask_aside("SELECT count(*) FROM children"), "1");
}

static void a_tenant_without_owner_is_refused_in_the_commit(void)
{
	struct db_options options = world.options;
	options.url = cluster_url(&world.cluster, world.arena, "tenancy", "postgres");
	struct db *db = db_new(&options);
	CU_ASSERT_FATAL(db_connect(db, &world.err));
	static const struct statement make = { "make_tenant",
		"INSERT INTO tenantd.tenants (env, slug, name) VALUES ('dev', 'no-owner', 'x')" };
	CU_ASSERT(pipeline_add(db, world.arena, &make, NULL, 0, &world.err));
	CU_ASSERT_FALSE(pipeline_run(db, world.arena, NULL, 0, NULL, &world.err));
	CU_ASSERT_EQUAL(world.err.code, ERR_LAST_OWNER);
	ASSERT_STR(ask(db, "SELECT count(*) FROM tenantd.tenants"), "0");
	db_free(db);
}

static void every_sqlstate_gets_its_code(void)
{
	static const struct {
		const char *state;
		enum error_code code;
		bool again, close;
	} expected[] = {
		{ "TD012", ERR_TENANT_NOT_FOUND, false, false },
		{ "TD409", ERR_CONFLICT, false, false },
		{ "23505", ERR_CONFLICT, false, false },
		{ "23P01", ERR_CONFLICT, false, false },
		{ "23503", ERR_INVALID_REQUEST, false, false },
		{ "23502", ERR_INVALID_REQUEST, false, false },
		{ "23514", ERR_INVALID_REQUEST, false, false },
		{ "22P02", ERR_INVALID_REQUEST, false, false },
		{ "22003", ERR_INVALID_REQUEST, false, false },
		{ "22012", ERR_INTERNAL, false, false },
		{ "42501", ERR_FORBIDDEN, false, false },
		{ "40001", ERR_UNAVAILABLE, true, false },
		{ "40P01", ERR_UNAVAILABLE, true, false },
		{ "55P03", ERR_UNAVAILABLE, false, false },
		{ "57014", ERR_UNAVAILABLE, false, false },
		{ "25006", ERR_UNAVAILABLE, false, true },
		{ "53100", ERR_UNAVAILABLE, false, true },
		{ "57P03", ERR_UNAVAILABLE, false, true },
		{ "08006", ERR_UNAVAILABLE, false, true },
		{ "TD503", ERR_CONTEXT_REFUSED, false, true },
		{ "28000", ERR_INTERNAL, false, false },
		{ "42601", ERR_INTERNAL, false, false },
		{ "XX000", ERR_INTERNAL, false, false },
	};
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		world_begin();
		bool again, close;
		struct str state = str_c(expected[i].state);
		CU_ASSERT_EQUAL(sqlstate_error(state, &again, &close), expected[i].code);
		CU_ASSERT(again == expected[i].again && close == expected[i].close);
		CU_ASSERT(add(&fails, (struct value[]){ VALUE(state) }, 1));
		CU_ASSERT_FALSE(pipeline_run(world.db, world.arena, NULL, 0, &again, &world.err));
		CU_ASSERT_EQUAL(world.err.code, expected[i].code);
		CU_ASSERT_EQUAL(again, expected[i].again);
		CU_ASSERT_EQUAL(db_is_connected(world.db), !expected[i].close);
		CU_ASSERT_STRING_EQUAL(world.err.detail, "");
	}
	CU_ASSERT_EQUAL(sqlstate_error(STR("99999"), NULL, NULL), ERR_INTERNAL);
}

static void a_text_that_the_database_cannot_hold_is_refused(void)
{
	start_with_no_items();
	CU_ASSERT(add_item_named("1", VALUE_NULL));
	CU_ASSERT_FALSE(add_item_named("2", VALUE(STR("a\0b"))));
	CU_ASSERT_EQUAL(world.err.code, ERR_INVALID_REQUEST);
	/* what stood before it in the queue went with it */
	CU_ASSERT(add_item_named("3", VALUE_NULL) && run(NULL, 0));
	CU_ASSERT_EQUAL(item_count(), 1);
	CU_ASSERT(add_item_named("4", VALUE(STR("\xc3\x28"))));
	CU_ASSERT_FALSE(run(NULL, 0));
	CU_ASSERT_EQUAL(world.err.code, ERR_INVALID_REQUEST);
	CU_ASSERT(add_item_named("99999999999999999999", VALUE_NULL));
	CU_ASSERT_FALSE(run(NULL, 0));
	CU_ASSERT_EQUAL(world.err.code, ERR_INVALID_REQUEST);
	CU_ASSERT_PTR_NULL(strstr(world.err.operator, "9999")); /* nobody's value gets into the log */
}

static void a_peek_answers_before_the_transaction_ends(void)
{
	start_with_no_items();
	struct rows rows[2];
	uint64_t flushes = db_flushes(world.db);
	CU_ASSERT(add_item_named("1", VALUE_NULL) && add(&all_items, NULL, 0));
	CU_ASSERT(pipeline_peek(world.db, world.arena, rows, 2, &world.err));
	CU_ASSERT_EQUAL(rows[1].count, 1);
	CU_ASSERT_EQUAL(item_count(), 0); /* nobody else sees it yet */
	CU_ASSERT_FALSE(db_is_idle(world.db));
	CU_ASSERT(add_item_named("2", VALUE_NULL) && add(&all_items, NULL, 0));
	CU_ASSERT(run(rows, 2));
	CU_ASSERT_EQUAL(rows[1].count, 2);
	CU_ASSERT_EQUAL(db_flushes(world.db) - flushes, 2);
	CU_ASSERT_EQUAL(item_count(), 2);
}

static void a_refusal_after_a_peek_undoes_what_was_peeked_at(void)
{
	start_with_no_items();
	struct rows rows[1];
	CU_ASSERT(add_item_named("1", VALUE_NULL));
	CU_ASSERT(pipeline_peek(world.db, world.arena, rows, 1, &world.err));
	CU_ASSERT(add_item_named("1", VALUE_NULL));
	CU_ASSERT_FALSE(pipeline_peek(world.db, world.arena, rows, 1, &world.err));
	CU_ASSERT_EQUAL(world.err.code, ERR_CONFLICT);
	CU_ASSERT(db_is_idle(world.db));
	CU_ASSERT_EQUAL(item_count(), 0);
	CU_ASSERT(add_item_named("1", VALUE_NULL));
	CU_ASSERT(pipeline_peek(world.db, world.arena, rows, 1, &world.err));
	pipeline_drop(world.db);
	CU_ASSERT_FALSE(db_is_connected(world.db));
	CU_ASSERT_EQUAL(item_count(), 0);
}

static void a_rehearsal_answers_and_leaves_nothing(void)
{
	struct rows rows[2];
	start_with_no_items();
	uint64_t before = db_flushes(world.db);
	pipeline_rehearse(world.db);
	CU_ASSERT(add_item_named("1", VALUE_C("one")) && add(&all_items, NULL, 0));
	CU_ASSERT(run(rows, 2) && rows[0].affected == 1 && rows[1].count == 1);
	CU_ASSERT(db_flushes(world.db) == before + 1 && db_is_idle(world.db));
	CU_ASSERT_EQUAL(item_count(), 0);

	/* With a peek in the middle, too. */
	pipeline_rehearse(world.db);
	CU_ASSERT(add_item_named("1", VALUE_C("one")));
	CU_ASSERT(pipeline_peek(world.db, world.arena, rows, 1, &world.err));
	CU_ASSERT(add(&all_items, NULL, 0) && run(rows, 1) && rows[0].count == 1);
	CU_ASSERT(db_is_idle(world.db) && item_count() == 0);

	/* The next run is one in earnest. */
	CU_ASSERT(add_item_named("2", VALUE_C("two")) && run(NULL, 0) && item_count() == 1);
}

static void a_rehearsal_fails_where_the_commit_would(void)
{
	start_with_no_items();
	pipeline_rehearse(world.db);
	CU_ASSERT(add(&add_child, (struct value[]){ VALUE_C("77") }, 1));
	CU_ASSERT(!run(NULL, 0) && world.err.code == ERR_INVALID_REQUEST);
	CU_ASSERT(db_is_idle(world.db));
	pipeline_rehearse(world.db);
	CU_ASSERT(add_item_named("1", VALUE_C("one")) && add_item_named("1", VALUE_C("again")));
	CU_ASSERT(!run(NULL, 0) && world.err.code == ERR_CONFLICT);
	CU_ASSERT(db_is_idle(world.db) && item_count() == 0);
	pipeline_rehearse(world.db);
	CU_ASSERT(add(&fails, (struct value[]){ VALUE_C("40001") }, 1));
	CU_ASSERT(!pipeline_peek(world.db, world.arena, NULL, 0, &world.err));
	CU_ASSERT(db_is_idle(world.db));
	CU_ASSERT(add_item_named("2", VALUE_C("two")) && run(NULL, 0) && item_count() == 1);
}

static void a_transaction_left_open_costs_the_connection(void)
{
	start_with_no_items();
	static const struct statement begin = { "begin", "BEGIN" };
	uint64_t unclean = metrics_value(COUNT_DB_UNCLEAN);
	CU_ASSERT(add(&begin, NULL, 0) && add_item_named("1", VALUE_NULL));
	CU_ASSERT_FALSE(run(NULL, 0));
	CU_ASSERT_EQUAL(world.err.code, ERR_INTERNAL);
	CU_ASSERT_FALSE(db_is_connected(world.db));
	CU_ASSERT_EQUAL(metrics_value(COUNT_DB_UNCLEAN) - unclean, 1);
	CU_ASSERT_EQUAL(item_count(), 0);
}

static void a_script_may_bracket_runs_with_begin_and_rollback(void)
{
	start_with_no_items();
	struct rows rows[1];
	CU_ASSERT(db_script(world.db, world.arena, STR("BEGIN"), NULL, &world.err));
	CU_ASSERT(add_item_named("1", VALUE_NULL) && run(NULL, 0));
	CU_ASSERT_FALSE(db_is_idle(world.db));
	CU_ASSERT(add_item_named("1", VALUE_NULL));
	CU_ASSERT_FALSE(run(NULL, 0));
	CU_ASSERT_EQUAL(world.err.code, ERR_CONFLICT);
	CU_ASSERT(db_script(world.db, world.arena, STR("ROLLBACK"), NULL, &world.err));
	CU_ASSERT(db_is_idle(world.db));
	CU_ASSERT(add(&all_items, NULL, 0) && run(rows, 1));
	CU_ASSERT_EQUAL(rows[0].count, 0);
}

static void a_script_tells_the_line_of_its_mistake(void)
{
	world_begin();
	struct rows rows;
	CU_ASSERT(db_script(world.db, world.arena, STR("SELECT 1; SELECT 'é', 2"), &rows, &world.err));
	ASSERT_STR(rows_value(&rows, 0, 1, NULL), "2");
	CU_ASSERT_FALSE(db_script(world.db, world.arena, STR("SELECT 'éé'\n;\nSELEKT 3"), NULL, &world.err));
	CU_ASSERT_PTR_NOT_NULL(strstr(world.err.operator, "line 3"));
	CU_ASSERT_STRING_EQUAL(world.err.detail, "");
	CU_ASSERT(db_is_idle(world.db));
	CU_ASSERT_FALSE(db_script(world.db, world.arena, STR("COPY items FROM STDIN"), NULL, &world.err));
	CU_ASSERT_FALSE(db_is_connected(world.db));
}

static void large_statements_and_answers_do_not_block_each_other(void)
{
	start_with_no_items();
	enum { SIZE = 3 * 1024 * 1024 };
	char *text = arena_alloc(world.arena, SIZE);
	memset(text, 'x', SIZE);
	static const struct statement echo = { "echo", "SELECT $1::text || $1::text" };
	struct rows rows[4];
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CU_ASSERT(add(&echo, (struct value[]){ VALUE(str_of(text, SIZE)) }, 1));
	CU_ASSERT(run(rows, COUNT_OF(rows)));
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CU_ASSERT_EQUAL(rows_value(&rows[i], 0, 0, NULL).len, 2 * (size_t)SIZE);
}

static void more_statements_than_are_remembered_still_run(void)
{
	world_begin();
	enum { MANY = 1100 };
	struct statement *s = ARENA_ARRAY(world.arena, struct statement, MANY);
	struct rows rows[2];
	for (int i = 0; i < MANY; i++) {
		s[i].name = arena_printf(world.arena, "many_%d", i).at;
		s[i].sql = arena_printf(world.arena, "SELECT %d", i).at;
		CU_ASSERT(add(&s[i], NULL, 0) && add(&s[i], NULL, 0) && run(rows, 2));
		ASSERT_STR(rows_value(&rows[1], 0, 0, NULL), s[i].sql + 7);
	}
	ASSERT_STR(ask(world.db, "SELECT count(*) FROM pg_prepared_statements"), "1024");
}

static const struct unit_test tests[] = {
	TEST(a_run_is_one_transaction_in_one_write),
	TEST(bytes_go_and_come_as_they_are),
	TEST(a_statement_is_parsed_once_per_connection),
	TEST(the_first_refusal_decides_and_undoes_all),
	TEST(a_constraint_looked_at_in_the_commit_fails_the_run),
	TEST(a_tenant_without_owner_is_refused_in_the_commit),
	TEST(every_sqlstate_gets_its_code),
	TEST(a_text_that_the_database_cannot_hold_is_refused),
	TEST(a_peek_answers_before_the_transaction_ends),
	TEST(a_refusal_after_a_peek_undoes_what_was_peeked_at),
	TEST(a_rehearsal_answers_and_leaves_nothing),
	TEST(a_rehearsal_fails_where_the_commit_would),
	TEST(a_transaction_left_open_costs_the_connection),
	TEST(a_script_may_bracket_runs_with_begin_and_rollback),
	TEST(a_script_tells_the_line_of_its_mistake),
	TEST(large_statements_and_answers_do_not_block_each_other),
	TEST(more_statements_than_are_remembered_still_run),
};

static const char fixtures[] =
	"CREATE TABLE items (id integer PRIMARY KEY, name text);"
	"CREATE TABLE children (item integer NOT NULL REFERENCES items DEFERRABLE INITIALLY DEFERRED);"
	"CREATE TABLE notes (n integer);"
	"CREATE FUNCTION raise(state text) RETURNS integer LANGUAGE plpgsql AS $$"
	" BEGIN RAISE EXCEPTION 'words of the server' USING ERRCODE = state; END $$";

int main(void)
{
	struct unit_test all[64];
	size_t count = COUNT_OF(tests);
	memcpy(all, tests, sizeof(tests));
	memcpy(all + count, conn_tests, conn_test_count * sizeof(all[0]));
	count += conn_test_count;

	struct error err = ERROR_INIT;
	if (!log_open("/dev/null", LOG_LEVEL_DEBUG, &err))
		return EXIT_FAILURE;
	cluster_open(&world.cluster);
	cluster_sql(&world.cluster, "postgres", "CREATE DATABASE pipeline");
	cluster_sql(&world.cluster, "pipeline", fixtures);
	cluster_migrated(&world.cluster, "tenancy");
	struct arena *keep = arena_new(1024);
	world.arena = arena_new(64 * 1024);
	struct str url = cluster_url(&world.cluster, keep, "pipeline", "postgres");
	world.options =
		(struct db_options){ .url = arena_printf(keep, "%.*s options='-c search_path=public'", STR_ARG(url)),
			.application_name = "test",
			.connect_ms = 5000,
			.statement_ms = 10000,
			.lock_ms = 200 };
	world.db = db_new(&world.options);
	int status = unit_main("db_pipeline", all, count);
	db_free(world.db);
	arena_free(world.arena);
	arena_free(keep);
	cluster_close(&world.cluster);
	return status;
}
