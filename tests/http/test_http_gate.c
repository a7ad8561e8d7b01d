/*
 * The isolation gate in a running pool (T132). Each protection is broken while the workers serve, as a careless operator
 * might do. Soon no worker serves, the log names what is open, and all workers serve again after it is repaired.
 */
#include "core/buf.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { WORKERS = 16, TABLES_MOST = 32 };

/* Breaks a protection: the workers must refuse to serve and the log must name the object. Then repairs it. */
static void opened(const char *open, const char *mend, const char *object, const char *finding)
{
	stack_log_mark();
	sql("%s", open);
	const char *bearer = token("gate", NULL, "dev");
	/* Each worker looks for itself: one that does not serve says nothing about the next. */
	UNTIL(SOON_S,
		stack_log("isolation.open", object) && all_workers_answer(NULL, "/readyz", 503) &&
			all_workers_answer(bearer, "/v1/auth/me", 503));
	struct http_reply ready = HTTP("GET", "/readyz");
	struct http_reply served = HTTP("GET", "/v1/auth/me", .token = bearer);
	bool is_named = stack_log(object, finding) > 0;
	if (!is_named)
		fprintf(stderr, "  after \"%s\" the log does not name %s: %s\n", open, object, finding);
	CU_ASSERT(http_is(&ready, 503, "isolation_failed"));
	CU_ASSERT(http_is(&served, 503, "isolation_failed"));
	CU_ASSERT(is_named);
	CU_ASSERT(stack_log("worker.refuses", "isolation gate") > 0);
	CU_ASSERT_PTR_NULL(strstr(ready.body.at, "tenantd."));
	sql("%s", mend);
	bool is_whole = false;
	UNTIL(SOON_S, (is_whole = stack_is_whole()));
	if (!is_whole)
		fprintf(stderr, "  after \"%s\" nobody serves again\n", mend);
	CU_ASSERT(is_whole);
	http_forget();
}

/* Every table that the gate looks at. */
static size_t tables(const char **names)
{
	static char kept[TABLES_MOST][96];
	size_t count = (size_t)ask_number("SELECT count(*) FROM tenantd.isolated_tables");
	CU_ASSERT_FATAL(count <= TABLES_MOST);
	for (size_t n = 0; n < count; n++) {
		snprintf(kept[n], sizeof(kept[n]), "%s",
			ask("SELECT schema_name || '.' || table_name FROM tenantd.isolated_tables ORDER BY 1 OFFSET %zu "
				"LIMIT 1",
				n));
		names[n] = kept[n];
	}
	return count;
}

static const char *text(const char *fmt, const char *table)
{
	struct buf b;
	buf_init(&b, http_arena(), 512);
	for (const char *c = fmt; *c; c++) {
		if (*c == '@')
			buf_add_c(&b, table);
		else
			buf_add_char(&b, *c);
	}
	return arena_cstr(http_arena(), buf_str(&b));
}

static void a_table_that_is_not_forced_stops_the_pool(void)
{
	const char *names[TABLES_MOST];
	size_t count = tables(names);
	CU_ASSERT(count >= 5);
	for (size_t i = 0; i < count; i++)
		opened(text("ALTER TABLE @ NO FORCE ROW LEVEL SECURITY", names[i]),
			text("ALTER TABLE @ FORCE ROW LEVEL SECURITY", names[i]), text("table @\"", names[i]),
			"forced row-level security is missing");
}

static void a_table_without_row_security_stops_the_pool(void)
{
	const char *names[TABLES_MOST];
	size_t count = tables(names);
	for (size_t i = 0; i < count; i++)
		opened(text("ALTER TABLE @ DISABLE ROW LEVEL SECURITY", names[i]),
			text("ALTER TABLE @ ENABLE ROW LEVEL SECURITY", names[i]), text("table @\"", names[i]),
			"row-level security is missing");
}

static void a_policy_that_is_gone_stops_the_pool(void)
{
	const char *names[TABLES_MOST];
	size_t count = tables(names);
	for (size_t i = 0; i < count; i++) {
		const char *policy =
			ask("SELECT policyname FROM pg_policies WHERE schemaname || '.' || tablename = '%s'"
				" AND 'tenantd_app' = ANY (roles) ORDER BY policyname LIMIT 1",
				names[i]);
		const char *again =
			ask("SELECT format('CREATE POLICY %%I ON %s AS %%s FOR %%s TO tenantd_app%%s%%s', policyname, "
				"permissive, cmd,"
				" ' USING (' || qual || ')', ' WITH CHECK (' || with_check || ')')"
				" FROM pg_policies WHERE schemaname || '.' || tablename = '%s' AND policyname = '%s'",
				names[i], names[i], policy);
		CU_ASSERT_FATAL(again[0]);
		char *kept = strdup(again), *name = strdup(policy);
		opened(
			text_of("DROP POLICY %s ON %s", name, names[i]), kept, text("table @\"", names[i]), "is missing");
		free(kept);
		free(name);
	}
}

static void a_policy_too_many_stops_the_pool(void)
{
	const char *names[TABLES_MOST];
	size_t count = tables(names);
	for (size_t i = 0; i < count; i++)
		opened(text("CREATE POLICY support ON @ TO tenantd_app USING (true)", names[i]),
			text("DROP POLICY support ON @", names[i]), text("table @\"", names[i]),
			"policy support is not expected");
}

static void a_role_that_may_too_much_stops_the_pool(void)
{
	static const struct {
		const char *open, *mend, *object, *finding;
	} cases[] = {
		{ "ALTER ROLE tenantd_app BYPASSRLS", "ALTER ROLE tenantd_app NOBYPASSRLS", "role tenantd_app",
			"BYPASSRLS" },
		{ "ALTER ROLE tenantd_app SUPERUSER", "ALTER ROLE tenantd_app NOSUPERUSER", "role tenantd_app",
			"superuser" },
		{ "ALTER ROLE tenantd_app CREATEROLE", "ALTER ROLE tenantd_app NOCREATEROLE", "role tenantd_app",
			"CREATEROLE" },
		{ "GRANT tenantd_owner TO tenantd_app", "REVOKE tenantd_owner FROM tenantd_app", "role tenantd_app",
			"is a member of tenantd_owner" },
		{ "GRANT TEMP ON DATABASE stack TO PUBLIC", "REVOKE TEMP ON DATABASE stack FROM PUBLIC",
			"role tenantd_app", "temporary" },
		{ "GRANT CREATE ON SCHEMA public TO PUBLIC", "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
			"schema public", "CREATE" },
		{ "GRANT DELETE ON tenantd.tenants TO tenantd_app",
			"REVOKE DELETE ON tenantd.tenants FROM tenantd_app", "table tenantd.tenants", "DELETE" },
		{ "GRANT SELECT ON tenantd.context_keys TO tenantd_app",
			"REVOKE SELECT ON tenantd.context_keys FROM tenantd_app", "tenantd.context_keys", "SELECT" },
		{ "GRANT USAGE ON SCHEMA public TO tenantd_app; CREATE FUNCTION public.helper() RETURNS int LANGUAGE "
		  "sql"
		  " SECURITY DEFINER AS 'SELECT 1'",
			"DROP FUNCTION public.helper(); REVOKE USAGE ON SCHEMA public FROM tenantd_app",
			"public.helper()", "SECURITY DEFINER" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		opened(cases[i].open, cases[i].mend, cases[i].object, cases[i].finding);
}

static size_t count_alive(const pid_t *pids, size_t count)
{
	size_t alive = 0;
	for (size_t i = 0; i < count; i++)
		alive += kill(pids[i], 0) == 0;
	return alive;
}

/* T130: the new workers cannot prove a context, for the database does not have their key. */
static void a_reload_whose_workers_are_kept_out_keeps_those_who_serve(void)
{
	pid_t before[WORKERS];
	size_t count = stack_workers(before, WORKERS);
	static char unknown[256], known[256]; /* as long as the settings */
	snprintf(unknown, sizeof(unknown), "%s/unknown.key", stack_dir());
	snprintf(known, sizeof(known), "%s/context.key", stack_dir());
	int fd = open(unknown, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CU_ASSERT_FATAL(fd >= 0);
	for (int i = 0; i < 32; i++)
		CU_ASSERT(write(fd, "ab", 2) == 2);
	close(fd);
	stack_set("tenancy", "context_key_file", unknown);
	stack_write_config();
	stack_log_mark();
	kill(stack_master(), SIGHUP);
	UNTIL(SOON_S, stack_log("master.waits_for_successors", NULL) > 0);
	CU_ASSERT(stack_log("worker.refuses", "context proof refused") > 0);
	CU_ASSERT_EQUAL(count_alive(before, count), count);
	for (int i = 0; i < 50; i++) {
		struct http_reply ready = HTTP("GET", "/readyz");
		CU_ASSERT_EQUAL(ready.status, 200);
		http_forget();
	}
	CU_ASSERT_EQUAL(http_metric("tenantd_workers_overdue"), (int64_t)count);
	stack_set("tenancy", "context_key_file", known);
	stack_write_config();
	kill(stack_master(), SIGHUP);
	UNTIL(SOON_S, count_alive(before, count) == 0 && stack_is_whole());
	CU_ASSERT_EQUAL(count_alive(before, count), 0);
	CU_ASSERT_EQUAL(http_metric("tenantd_workers_overdue"), 0);
	CU_ASSERT(stack_log("master.handed_over", NULL) > 0);
}

/* T112: a key that workers use is dropped only by force. Without it every request is refused as what it is, and nobody says
 * ready; with it everything is as before. */
static void a_key_that_is_dropped_is_told_by_every_answer(void)
{
	char id[32];
	snprintf(id, sizeof(id), "%s", ask("SELECT id FROM tenantd.context_keys ORDER BY created_at LIMIT 1"));
	UNTIL(SOON_S, stack_is_whole());
	CU_ASSERT_STRING_EQUAL(
		ask("SELECT count(*) = %zu FROM pg_stat_activity WHERE application_name = 'tenantd %s'",
			stack_worker_count(), id),
		"t");
	sql("DO $$ BEGIN PERFORM tenantd.context_key_drop('%s', false); ASSERT false; EXCEPTION WHEN SQLSTATE 'TD409' THEN NULL; END $$",
		id);
	CU_ASSERT(stack_is_ready());
	const char *bearer = token("gate", NULL, "dev");
	sql("SELECT tenantd.context_key_drop('%s', true)", id);
	struct http_reply served = HTTP("GET", "/v1/auth/me", .token = bearer);
	CU_ASSERT(http_is(&served, 503, "context_refused"));
	for (int i = 0; i < 20; i++) {
		struct http_reply ready = HTTP("GET", "/readyz");
		CU_ASSERT(http_is(&ready, 503, "context_refused"));
		http_forget();
	}
	CU_ASSERT(stack_log("worker.refuses", id) > 0);
	sql("SELECT tenantd.context_key_add(decode('%s', 'hex'))", stack_context_key());
	UNTIL(SOON_S, stack_is_whole());
	CU_ASSERT(all_workers_answer(NULL, "/readyz", 200));
}

/* What tenantctl status says, and its exit status. */
static int asked(char *out, size_t size)
{
	char command[1024];
	const char *program = getenv("TENANTCTL");
	snprintf(command, sizeof(command), "%s status --config '%s/tenantd.ini' 2>&1",
		program ? program : "./tenantctl", stack_dir());
	FILE *pipe = popen(command, "re");
	CU_ASSERT_PTR_NOT_NULL_FATAL(pipe);
	size_t len = fread(out, 1, size - 1, pipe);
	out[len] = '\0';
	return pclose(pipe);
}

/* T112: a new key that the server cannot read leaves the old one in force, and everybody who looks is told. */
static void a_refused_reload_is_told_until_one_is_accepted(void)
{
	static char missing[256], known[256]; /* as long as the settings */
	snprintf(missing, sizeof(missing), "%s/missing.key", stack_dir());
	snprintf(known, sizeof(known), "%s/context.key", stack_dir());
	int64_t refused = http_metric("tenantd_reloads_refused_total");
	CU_ASSERT_EQUAL(http_metric("tenantd_reload_refused"), 0);
	char told[2048];
	CU_ASSERT_EQUAL(asked(told, sizeof(told)), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(told, "ready to serve                     yes"));
	CU_ASSERT_PTR_NOT_NULL(strstr(told, "is in force"));
	stack_set("server", "drain_timeout", "-1");
	stack_write_config();
	stack_log_mark();
	kill(stack_master(), SIGHUP);
	UNTIL(SOON_S, stack_log("master.reload_refused", "drain_timeout") > 0);
	stack_set("server", "drain_timeout", NULL);
	stack_set("tenancy", "context_key_file", missing);
	stack_write_config();
	stack_log_mark();
	kill(stack_master(), SIGHUP);
	UNTIL(SOON_S, stack_log("master.reload_refused", "missing.key") > 0);
	CU_ASSERT_EQUAL(http_metric("tenantd_reload_refused"), 1);
	CU_ASSERT_EQUAL(http_metric("tenantd_reloads_refused_total"), refused + 2);
	struct http_reply ready = HTTP("GET", "/readyz");
	CU_ASSERT_EQUAL(ready.status, 200);
	CU_ASSERT_PTR_NOT_NULL(strstr(ready.body.at, "\"reload\":\"refused\""));
	stack_set("tenancy", "context_key_file", known);
	stack_write_config(); /* tenantctl reads it as well */
	CU_ASSERT_NOT_EQUAL(asked(told, sizeof(told)), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(told, "REFUSED"));
	stack_reload();
	ready = HTTP("GET", "/readyz");
	CU_ASSERT_PTR_NULL(strstr(ready.body.at, "reload"));
	CU_ASSERT_EQUAL(http_metric("tenantd_reload_refused"), 0);
	http_forget();
}

static void failures_of_the_gate_are_counted_and_leave_nothing(void)
{
	CU_ASSERT(http_metric("tenantd_isolation_gate_failures_total") > 0);
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.tenants WHERE slug LIKE 'canary%%'"), 0);
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.users WHERE issuer = 'canary'"), 0);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_table_that_is_not_forced_stops_the_pool),
		TEST(a_table_without_row_security_stops_the_pool),
		TEST(a_policy_that_is_gone_stops_the_pool),
		TEST(a_policy_too_many_stops_the_pool),
		TEST(a_role_that_may_too_much_stops_the_pool),
		TEST(a_reload_whose_workers_are_kept_out_keeps_those_who_serve),
		TEST(a_key_that_is_dropped_is_told_by_every_answer),
		TEST(a_refused_reload_is_told_until_one_is_accepted),
		TEST(failures_of_the_gate_are_counted_and_leave_nothing),
	};
	stack_set("tenancy", "gate_interval", "1");
	stack_up();
	return unit_main("gate", tests, COUNT_OF(tests));
}
