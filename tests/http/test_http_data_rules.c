/*
 * The rules of resources beyond reading and writing rows: dry runs, repeats with an Idempotency-Key, actions, append-only
 * tables, rows that belong to users, roles; that workers notice registrations, and that sessions are left clean.
 */
#include "data_world.h"

#define LATECOMERS "/v1/data/latecomers"

static void a_dry_run_answers_and_leaves_nothing(void)
{
	begin();
	struct http_reply r = HTTP(
		"POST", THINGS, .token = w.token, .body = "{\"name\":\"a\"}", .headers = { "Prefer: tx=rollback" });
	CU_ASSERT(http_is(&r, 201, "") && header_is(&r, "Preference-Applied", "tx=rollback") &&
		json_count(r.json) == 1);
	CU_ASSERT_EQUAL(in_database(w.tenant), 0);
	CU_ASSERT_EQUAL(events_of(w.tenant, "things.created"), 0);
	r = HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"a\",\"parent\":\"" NOBODYS "\"}",
		.headers = { "Prefer: tx=rollback" });
	CU_ASSERT(http_is(&r, 404, "not_found"));
	static const struct {
		const char *method, *query, *body;
	} acts[] = { { "DELETE", "?n=gt.0", NULL }, { "DELETE", NULL, NULL },
		{ "PATCH", "?n=gt.0", "{\"name\":\"b\"}" }, { "PATCH", NULL, "{\"name\":\"b\"}" },
		{ "PUT", NULL, "{\"name\":\"b\"}" } };
	const char *id = made("{\"name\":\"a\"}"), *row = text_of("/%s", id);
	for (size_t i = 0; i < COUNT_OF(acts); i++) {
		r = HTTP(acts[i].method, text_of(THINGS "%s", acts[i].query ? acts[i].query : row), .token = w.token,
			.body = acts[i].body, .headers = { "Prefer: tx=rollback" });
		CU_ASSERT(http_is(&r, acts[i].body ? 200 : 204, ""));
		CU_ASSERT(header_is(&r, "Preference-Applied", "tx=rollback"));
		CU_ASSERT_STRING_EQUAL(ask("SELECT name || version FROM app.things WHERE id = '%s'", id), "a1");
	}
	CU_ASSERT_EQUAL(events_of(w.tenant, "things.created"), 1);
	CU_ASSERT_EQUAL(events_of(w.tenant, "things.updated") + events_of(w.tenant, "things.deleted"), 0);
	http_forget();
}

/* T73 */
static void an_idempotency_key_answers_once_and_for_one_request(void)
{
	begin();
	static const char key[] = "Idempotency-Key: key-1";
	struct http_reply first =
		HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"a\"}", .headers = { key });
	struct http_reply again =
		HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"a\"}", .headers = { key });
	CU_ASSERT(http_is(&first, 201, "") && http_is(&again, 201, "") && str_eq(first.body, again.body));
	CU_ASSERT(header_is(&again, "Location", http_header(&first, "Location")));
	CU_ASSERT_EQUAL(in_database(w.tenant), 1);
	struct http_reply r =
		HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"b\"}", .headers = { key });
	CU_ASSERT(http_is(&r, 409, "conflict"));
	r = HTTP("POST", THINGS, .token = w.other, .body = "{\"name\":\"b\"}", .headers = { key });
	CU_ASSERT(http_is(&r, 201, ""));
	/* What failed is not kept, and a day is enough. */
	r = HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"c\",\"n\":-1}",
		.headers = { "Idempotency-Key: key-2" });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"c\",\"n\":1}",
		.headers = { "Idempotency-Key: key-2" });
	CU_ASSERT(http_is(&r, 201, ""));
	sql("UPDATE tenantd.idempotency_keys SET created_at = now() - interval '25 hours'");
	r = HTTP("POST", THINGS, .token = w.token, .body = "{\"name\":\"b\"}", .headers = { key });
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP(
		"POST", THINGS, .token = w.token, .body = "{\"name\":\"b\"}", .headers = { "Idempotency-Key: a b" });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	CU_ASSERT_EQUAL(in_database(w.tenant), 3);
	CU_ASSERT_EQUAL(in_database(w.other_tenant), 1);
	http_forget();
}

struct repeat {
	const char *token;
	int statuses[16];
	char places[16][80];
};

static void post_with_key(size_t i, void *arg)
{
	struct repeat *repeat = arg;
	struct http_reply r = HTTP("POST", THINGS, .token = repeat->token, .body = "{\"name\":\"once\"}",
		.headers = { "Idempotency-Key: at-once" });
	const char *place = http_header(&r, "Location");
	repeat->statuses[i] = r.status;
	snprintf(repeat->places[i], sizeof(repeat->places[i]), "%s", place ? place : "");
	http_forget();
}

static void repeats_at_once_make_one_row(void)
{
	struct repeat repeat;
	begin();
	repeat.token = w.token;
	in_parallel(COUNT_OF(repeat.statuses), post_with_key, &repeat);
	for (size_t i = 0; i < COUNT_OF(repeat.statuses); i++) {
		CU_ASSERT_EQUAL(repeat.statuses[i], 201);
		CU_ASSERT(*repeat.places[i] && strcmp(repeat.places[i], repeat.places[0]) == 0);
	}
	CU_ASSERT_EQUAL(in_database(w.tenant), 1);
	http_forget();
}

static void what_is_appended_stays(void)
{
	begin();
	struct http_reply r =
		HTTP("POST", "/v1/data/happenings", .token = w.token, .body = "{\"what\":\"a\"}", .headers = { ONE });
	CU_ASSERT(http_is(&r, 201, ""));
	const char *row = text_of("/v1/data/happenings/%s", http_text(&r, "id"));
	static const char *const methods[] = { "PATCH", "PUT", "DELETE" };
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		const char *body = i < 2 ? "{\"what\":\"b\"}" : NULL;
		r = HTTP(methods[i], row, .token = w.token, .body = body);
		CU_ASSERT(http_is(&r, 405, "method_not_allowed") && header_is(&r, "Allow", "GET, HEAD"));
	}
	r = HTTP("DELETE", "/v1/data/happenings?what=eq.a", .token = w.token);
	CU_ASSERT(http_is(&r, 405, "method_not_allowed") && header_is(&r, "Allow", "GET, HEAD, POST"));
	/* Nor is it changed by what claims to be new. */
	const char *again = text_of("{\"id\":\"%s\",\"what\":\"b\"}", strrchr(row, '/') + 1);
	r = HTTP("POST", "/v1/data/happenings", .token = w.token, .body = again,
		.headers = { "Prefer: resolution=merge-duplicates" });
	CU_ASSERT(http_is(&r, 409, "conflict"));
	r = HTTP("POST", "/v1/data/happenings", .token = w.token, .body = again,
		.headers = { "Prefer: handling=strict, resolution=merge-duplicates" });
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("POST", "/v1/data/happenings", .token = w.token, .body = again,
		.headers = { "Prefer: resolution=ignore-duplicates" });
	CU_ASSERT(http_is(&r, 200, "") && body_is(&r, "[]"));
	CU_ASSERT_STRING_EQUAL(
		ask("SELECT string_agg(what, ',') FROM app.happenings WHERE tenant_id = '%s'", w.tenant), "a");
	http_forget();
}

/* What a function gives as DETAIL, and nothing that PostgreSQL says. */
static void an_action_tells_its_caller_why(void)
{
	static const struct {
		const char *body;
		int status;
		const char *code, *detail;
	} cases[] = {
		{ "{\"state\":\"TD400\",\"why\":\"a \\\"b\\\" is wanted\"}", 400, "invalid_request",
			"a \"b\" is wanted" },
		{ "{\"state\":\"TD409\",\"why\":\"it went\"}", 409, "conflict", "it went" },
		{ "{\"state\":\"TD404\",\"why\":\"it is gone\"}", 404, "not_found", "it is gone" },
		{ "{\"state\":\"TD403\",\"why\":\"not you\"}", 403, "forbidden", "not you" },
		{ "{\"state\":\"TD409\"}", 409, "conflict", "" },
		{ "{\"state\":\"P0001\",\"why\":\"secret\"}", 500, "internal", "" },
		{ "{\"state\":\"23505\",\"why\":\"secret\"}", 409, "conflict", "another object has the same value" },
	};
	begin();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct http_reply r = post("/v1/data/things/refuse", cases[i].body);
		CU_ASSERT(http_is(&r, cases[i].status, cases[i].code));
		CU_ASSERT_STRING_EQUAL(http_text(&r, "detail"), cases[i].detail);
	}
	http_forget();
}

static void rows_of_a_user_are_theirs_alone(void)
{
	begin();
	const char *who = someone("member");
	member_of(w.tenant, who, "member", "active");
	const char *their = token(who, w.tenant, "dev");
	struct http_reply r =
		HTTP("POST", "/v1/data/notes", .token = their, .body = "{\"text\":\"a\"}", .headers = { ONE });
	CU_ASSERT(http_is(&r, 201, ""));
	CU_ASSERT_STRING_EQUAL(http_text(&r, "user_id"), http_text(&r, "created_by"));
	const char *row = text_of("/v1/data/notes/%s", http_text(&r, "id"));
	r = HTTP("GET", row, .token = their);
	CU_ASSERT(http_is(&r, 200, "") && strcmp(http_text(&r, "text"), "a") == 0);
	r = get(row); /* the owner of the tenant */
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("DELETE", row, .token = w.token);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = get("/v1/data/notes");
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 0);
	r = HTTP(
		"POST", "/v1/data/notes", .token = their, .body = "{\"text\":\"a\",\"user_id\":\"" NOBODYS "\"}");
	CU_ASSERT(http_is(&r, 400, "invalid_request") && is_field(&r, "user_id"));
	http_forget();
}

static void who_may_write_and_not_read_is_told_nothing(void)
{
	begin();
	const char *who = someone("member");
	member_of(w.tenant, who, "member", "active");
	const char *their = token(who, w.tenant, "dev");
	struct http_reply r = HTTP("POST", "/v1/data/reports", .token = their, .body = "{\"text\":\"a\"}");
	CU_ASSERT(http_is(&r, 201, "") && str_is_empty(r.body) && !http_header(&r, "Location"));
	r = HTTP("GET", "/v1/data/reports", .token = their);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = HTTP("POST", "/v1/data/reports", .token = their, .body = "{\"text\":\"b\"}",
		.headers = { "Prefer: return=representation" });
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = get("/v1/data/reports");
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1);
	http_forget();
}

/* T42: what foreign SQL leaves in a session does not reach the next request on it. */
static void an_action_leaves_nothing_in_the_session(void)
{
	begin();
	sql("BEGIN; SET LOCAL ROLE tenantd_owner;"
		"CREATE FUNCTION app.litter(json) RETURNS json LANGUAGE plpgsql SET search_path = pg_catalog, "
		"pg_temp AS $$"
		" BEGIN PERFORM set_config('kept.it', 'yes', false), pg_advisory_lock(42);"
		" EXECUTE 'PREPARE litter AS SELECT 1'; EXECUTE 'SET SESSION statement_timeout = 1'; RETURN '{}'; "
		"END $$;"
		"CREATE FUNCTION app.look(json) RETURNS json LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp "
		"AS $$"
		" BEGIN BEGIN EXECUTE 'EXECUTE litter'; RETURN '\"prepared\"'; EXCEPTION WHEN OTHERS THEN NULL; END;"
		" RETURN to_json(coalesce(current_setting('kept.it', true), '')"
		"  || (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
		"  || current_setting('statement_timeout')); END $$;"
		"SELECT tenantd.register_action('things', 'litter', 'app.litter(json)', on_collection => true);"
		"SELECT tenantd.register_action('things', 'look', 'app.look(json)', on_collection => true); COMMIT");
	UNTIL(SOON_S, post("/v1/data/things/look", "{}").status == 200);
	for (int i = 0; i < 8; i++) {
		struct http_reply r = post("/v1/data/things/litter", "{}");
		CU_ASSERT(http_is(&r, 200, ""));
		r = post("/v1/data/things/look", "{}");
		CU_ASSERT(http_is(&r, 200, "") && str_eq(r.body, STR("\"05s\"")));
		r = get("/v1/data/things?limit=1");
		CU_ASSERT(http_is(&r, 200, ""));
	}
	http_forget();
}

static bool is_text(const struct json *j, const char *wanted)
{
	struct str text;
	return json_string(j, &text) && str_eq(text, str_c(wanted));
}

/* The resource of that name in the answer to GET /v1/resources. */
static const struct json *described(const char *name)
{
	struct http_reply r = get("/v1/resources");
	CU_ASSERT(http_is(&r, 200, ""));
	for (size_t i = 0; i < json_count(r.json); i++)
		if (is_text(json_get(json_at(r.json, i, NULL), STR("name")), name))
			return json_at(r.json, i, NULL);
	return NULL;
}

static bool refers(const struct json *resource, const char *column, const char *path, const char *key)
{
	const struct json *columns = json_get(resource, STR("columns"));
	for (size_t i = 0; i < json_count(columns); i++) {
		const struct json *c = json_at(columns, i, NULL), *to = json_get(c, STR("references"));
		if (is_text(json_get(c, STR("name")), column))
			return path
				? is_text(json_get(to, STR("path")), path) && is_text(json_get(to, STR("column")), key)
				: to == NULL;
	}
	return false;
}

static void a_resource_says_its_title_and_where_its_columns_lead(void)
{
	begin();
	const struct json *things = described("things");
	CU_ASSERT(is_text(json_get(things, STR("title")), "Things"));
	CU_ASSERT(is_text(json_get(described("reports"), STR("title")), "What was reported"));
	CU_ASSERT(refers(things, "parent", "/v1/data/things", "id"));
	CU_ASSERT(refers(things, "created_by", "/v1/members", "user_id"));
	CU_ASSERT(refers(things, "keeper", "/v1/members", "user_id"));
	CU_ASSERT(refers(things, "name", NULL, NULL));
	struct http_reply r = HTTP("GET", "/v1/openapi.json");
	const struct json *schema = json_path(r.json, STR("components.schemas.reports"));
	CU_ASSERT(is_text(json_get(schema, STR("title")), "What was reported"));
	CU_ASSERT(
		is_text(json_path(schema, STR("properties.updated_by.x-tenantd-references.path")), "/v1/members"));
	http_forget();
}

static void workers_notice_a_registration_by_themselves(void)
{
	begin();
	CU_ASSERT(all_workers_answer(w.token, LATECOMERS, 404));
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; CREATE TABLE app.latecomers (id uuid PRIMARY KEY DEFAULT "
		"gen_random_uuid());"
		"SELECT tenantd.register_resource('app.latecomers'); COMMIT");
	UNTIL(SOON_S, all_workers_answer(w.token, LATECOMERS, 200));
	CU_ASSERT(all_workers_answer(w.token, LATECOMERS, 200));
	struct http_reply r = get("/v1/resources");
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, LATECOMERS));
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; SELECT tenantd.unregister_resource('latecomers'); COMMIT");
	UNTIL(SOON_S, all_workers_answer(w.token, LATECOMERS, 404));
	CU_ASSERT(all_workers_answer(w.token, LATECOMERS, 404));
	http_forget();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(a_dry_run_answers_and_leaves_nothing),
		TEST(an_idempotency_key_answers_once_and_for_one_request),
		TEST(repeats_at_once_make_one_row),
		TEST(what_is_appended_stays),
		TEST(an_action_tells_its_caller_why),
		TEST(rows_of_a_user_are_theirs_alone),
		TEST(who_may_write_and_not_read_is_told_nothing),
		TEST(an_action_leaves_nothing_in_the_session),
		TEST(a_resource_says_its_title_and_where_its_columns_lead),
		TEST(workers_notice_a_registration_by_themselves),
	};
	data_up(
		"CREATE FUNCTION app.refuse(b json) RETURNS json LANGUAGE plpgsql SET search_path = pg_catalog, "
		"pg_temp"
		" AS $$ BEGIN"
		" IF b ->> 'why' IS NULL THEN RAISE EXCEPTION 'secret' USING ERRCODE = b ->> 'state'; END IF;"
		" RAISE EXCEPTION 'secret' USING ERRCODE = b ->> 'state', DETAIL = b ->> 'why', HINT = 'secret';"
		" END $$;"
		"SELECT tenantd.register_action('things', 'refuse', 'app.refuse(json)', on_collection => true);"
		"CREATE TABLE app.happenings (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), what text);"
		"SELECT tenantd.register_resource('app.happenings', append_only => true);"
		"CREATE TABLE app.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), text text);"
		"SELECT tenantd.register_resource('app.notes', user_scoped => true);"
		"CREATE TABLE app.reports (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), text text);"
		"SELECT tenantd.register_resource('app.reports', read_role => 'tenant_admin', title => 'What was reported');"
		"ALTER TABLE app.things ADD keeper uuid, ADD FOREIGN KEY (tenant_id, keeper) REFERENCES"
		" tenantd.tenant_members (tenant_id, user_id); SELECT tenantd.refresh_resource('things')");
	return unit_main("data_rules", tests, COUNT_OF(tests));
}
