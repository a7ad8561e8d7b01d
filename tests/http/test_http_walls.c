/*
 * Attacks by the code of an application, or by SQL injected into it, on others that share the workers: to act as another
 * user in the actions of a foreign key, to leave something in the session or on the role, to go on after the answer, to
 * lock a table. Also harmless cases, which must not stop the service.
 */
#include "core/buf.h"
#include "data_world.h"

/* One collection's action that runs the SQL it is given: the injectable function that must not matter. */
#define RUN "/v1/data/things/run"
#define STATE "/v1/data/things/state"
enum { DEFERRED_MS = 45000, BOUND_MS = 20000 };

static struct http_reply run(const char *statement)
{
	struct buf b;
	buf_init(&b, http_arena(), 4096);
	buf_add_c(&b, "{\"sql\":");
	buf_add_json(&b, str_c(statement));
	buf_add_c(&b, "}");
	return post(RUN, arena_cstr(http_arena(), buf_str(&b)));
}

/* What the next request of somebody else finds in the session, on each worker. */
static void nothing_is_left(const char *after)
{
	for (int i = 0; i < 8; i++) {
		struct http_reply r = HTTP("POST", STATE, .token = w.other, .body = "{}");
		bool good = http_is(&r, 200, "") && str_eq(r.body, STR("\"\""));
		if (!good)
			fprintf(stderr, "  after \"%s\" there is %.*s\n", after, STR_ARG(r.body));
		CU_ASSERT(good);
	}
}

/* T125: a CHECK with an injectable function, and a foreign key that sets null. */
static void code_inside_of_a_foreign_key_is_its_callers(void)
{
	begin();
	struct http_reply r = post("/v1/data/groups", "{\"id\":\"11111111-1111-4111-8111-111111111111\"}");
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP("POST", "/v1/data/items", .token = w.other, .body = "{\"note\":\"theirs\"}");
	CU_ASSERT(http_is(&r, 201, ""));
	r = post("/v1/data/items",
		"{\"grp\":\"11111111-1111-4111-8111-111111111111\",\"note\":\"mine\",\"code\":\"INSERT INTO "
		"app.things (name) SELECT "
		"current_user || (SELECT count(DISTINCT tenant_id) FROM app.items)\"}");
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP("DELETE", "/v1/data/groups/11111111-1111-4111-8111-111111111111", .token = w.token);
	CU_ASSERT(http_is(&r, 204, ""));
	r = get("/v1/data/items?select=grp,note");
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "\"grp\":null"));
	/* The code ran when the row was written and when its group went: both times as the workers' role, who saw one tenant. */
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM app.things WHERE name !~ '^tenantd_app[01]$'"), 0);
	CU_ASSERT(ask_number("SELECT count(*) FROM app.things WHERE name = 'tenantd_app1'") >= 1);
	CU_ASSERT_EQUAL(events_of(w.tenant, "items.updated"), 1);
	http_forget();
}

/* T127 */
static void what_code_does_to_its_session_is_gone(void)
{
	static const char *const ways[][2] = {
		/* where it stands, what is sent there */
		{ "/v1/data/checked", "{\"code\":\"%s\"}" },
		{ "/v1/data/typed", "{\"v\":\"%s\"}" },
		{ "/v1/data/things/run", "{\"sql\":\"%s\"}" },
	};
	static const char *const deeds[] = {
		"SET SESSION client_encoding = 'LATIN1'",
		"SET SESSION timezone = 'Asia/Tokyo'",
		"SET SESSION statement_timeout = 1",
		"SET SESSION extra_float_digits = -15",
		"SET SESSION synchronous_commit = off",
		"SET SESSION default_transaction_read_only = on",
		"SELECT pg_advisory_lock(7)",
		"PREPARE litter AS SELECT 1",
		"LISTEN litter",
		"DECLARE litter CURSOR WITH HOLD FOR SELECT 1",
		"UNLISTEN *",
	};
	begin();
	for (size_t i = 0; i < COUNT_OF(ways); i++)
		for (size_t j = 0; j < COUNT_OF(deeds); j++) {
			struct str at = str_c(ways[i][1]);
			size_t cut = (size_t)(strstr(at.at, "%s") - at.at);
			const char *body = text_of("%.*s%s%s", (int)cut, at.at, deeds[j], at.at + cut + 2);
			(void)post(ways[i][0], body); /* it may be refused; what it left is the question */
			nothing_is_left(deeds[j]);
		}
	http_forget();
}

/* T128 */
static void what_is_set_for_the_role_has_no_effect(void)
{
	begin();
	stack_log_mark();
	struct http_reply r = run("ALTER ROLE tenantd_app SET synchronous_commit = off");
	CU_ASSERT(http_is(&r, 200, ""));
	r = run("ALTER ROLE tenantd_app SET extra_float_digits = -15");
	CU_ASSERT(http_is(&r, 200, ""));
	r = run("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC");
	CU_ASSERT(http_is(&r, 200, ""));
	stack_reload();
	nothing_is_left("ALTER ROLE");
	UNTIL(SOON_S,
		ask_number("SELECT count(*) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole "
				   "WHERE r.rolname = 'tenantd_app' AND s.setconfig::text ~ 'commit|digits'") == 0);
	CU_ASSERT(stack_log("isolation.mended", "synchronous_commit=off") > 0);
	CU_ASSERT_EQUAL(
		ask_number("SELECT count(*) FROM pg_default_acl WHERE defaclrole = 'tenantd_app'::regrole"), 0);
	bool is_whole = false;
	UNTIL(SOON_S, (is_whole = stack_is_whole()));
	CU_ASSERT(is_whole);
	http_forget();
}

/* T129: deferred triggers run at the commit, to which statement_timeout does not apply. */
static void what_was_answered_503_does_not_come_later(void)
{
	begin();
	int64_t began = clock_mono_us();
	struct http_reply r = post("/v1/data/slow", "{\"name\":\"late\"}");
	CU_ASSERT(http_is(&r, 503, "unavailable"));
	CU_ASSERT(clock_mono_us() - began < BOUND_MS * 1000LL);
	UNTIL(SOON_S,
		ask_number("SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantd_app' AND wait_event = "
				   "'PgSleep'") == 0);
	CU_ASSERT(clock_mono_us() - began < DEFERRED_MS * 1000LL);
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM app.slow"), 0);
	UNTIL(SOON_S, stack_is_whole());
	http_forget();
}

/* T130 */
static void a_locked_table_stops_its_resource_alone(void)
{
	begin();
	CU_ASSERT_EQUAL(get("/v1/data/groups").status, 200);
	sql("BEGIN; LOCK TABLE app.groups IN ACCESS EXCLUSIVE MODE");
	stack_log_mark();
	stack_reload();
	struct http_reply r = get("/v1/data/things?limit=1");
	CU_ASSERT(http_is(&r, 200, ""));
	r = get("/v1/data/groups");
	CU_ASSERT(http_is(&r, 503, "unavailable") && body_has(&r, "groups"));
	CU_ASSERT(stack_log("isolation.closed", "app.groups") > 0);
	CU_ASSERT(stack_is_ready());
	sql("ROLLBACK");
	UNTIL(SOON_S, all_workers_answer(w.token, "/v1/data/groups", 200));
	CU_ASSERT(all_workers_answer(w.token, "/v1/data/groups", 200));
	http_forget();
}

/* T134 */
static void a_table_of_nobodys_concern_stops_nobody(void)
{
	begin();
	sql("CREATE SCHEMA legacy; CREATE TABLE legacy.customers (tenant_id text)");
	stack_log_mark();
	stack_reload();
	struct http_reply r = get("/v1/data/things?limit=1");
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT(stack_log("isolation.note", "legacy.customers") > 0);
	bool is_whole = false;
	UNTIL(SOON_S, (is_whole = stack_is_whole()));
	CU_ASSERT(is_whole);
	sql("DROP SCHEMA legacy CASCADE");
	http_forget();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(code_inside_of_a_foreign_key_is_its_callers),
		TEST(what_code_does_to_its_session_is_gone),
		TEST(what_is_set_for_the_role_has_no_effect),
		TEST(what_was_answered_503_does_not_come_later),
		TEST(a_locked_table_stops_its_resource_alone),
		TEST(a_table_of_nobodys_concern_stops_nobody),
	};
	/* Executes what it is given, if it is SQL; true whatever becomes of it. */
	data_up(
		"CREATE FUNCTION app.valid(code text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
		" IF code ~ '^[A-Z]{3}' THEN EXECUTE code; END IF; RETURN true; END $$;"
		"GRANT EXECUTE ON FUNCTION app.valid(text) TO tenantd_app;"
		"CREATE FUNCTION app.run(b json) RETURNS json LANGUAGE plpgsql AS $$ BEGIN"
		" EXECUTE b ->> 'sql'; RETURN '{}'; END $$;"
		"SELECT tenantd.register_action('things', 'run', 'app.run(json)', on_collection => true);"
		"CREATE FUNCTION app.state(b json) RETURNS json LANGUAGE sql SET search_path = pg_catalog, pg_temp "
		"AS $$"
		" SELECT to_json(coalesce((SELECT string_agg(name || '=' || setting, ' ') FROM pg_settings WHERE "
		"source IN ('session',"
		" 'user', 'database', 'database user') AND name NOT IN ('search_path', 'statement_timeout', "
		"'track_activities')), '')"
		" || coalesce((SELECT ' listens to ' || string_agg(c, ',') FROM pg_listening_channels() c WHERE c <> "
		"'tenantd_catalog'), '')"
		" || CASE WHEN EXISTS (SELECT 1 FROM pg_listening_channels() c WHERE c = 'tenantd_catalog') THEN '' "
		"ELSE ' deaf' END"
		" || coalesce((SELECT ' locks ' || count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = "
		"pg_backend_pid()"
		" HAVING count(*) > 0), '')"
		" || coalesce((SELECT ' cursors ' || count(*) FROM pg_cursors WHERE name = 'litter' HAVING count(*) "
		"> 0), '')) $$;"
		"SELECT tenantd.register_action('things', 'state', 'app.state(json)', on_collection => true);"
		"CREATE TABLE app.groups (id uuid PRIMARY KEY DEFAULT gen_random_uuid());"
		"SELECT tenantd.register_resource('app.groups', delete_role => 'member');"
		"CREATE TABLE app.items (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid, grp uuid, "
		"note text,"
		" code text CHECK (app.valid(code)), FOREIGN KEY (tenant_id, grp) REFERENCES app.groups (tenant_id, "
		"id)"
		" ON DELETE SET NULL (grp));"
		"SELECT tenantd.register_resource('app.items');"
		"CREATE TABLE app.checked (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), code text CHECK "
		"(app.valid(code)));"
		"SELECT tenantd.register_resource('app.checked');"
		"CREATE DOMAIN app.coded AS text CHECK (app.valid(VALUE));"
		"CREATE TABLE app.typed (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), v app.coded);"
		"SELECT tenantd.register_resource('app.typed');"
		"CREATE FUNCTION app.sleep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(45); "
		"RETURN NULL; END $$;"
		"CREATE TABLE app.slow (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text);"
		"CREATE CONSTRAINT TRIGGER a_slow AFTER INSERT ON app.slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
		" EXECUTE FUNCTION app.sleep();"
		"SELECT tenantd.register_resource('app.slow')");
	return unit_main("walls", tests, COUNT_OF(tests));
}
