/*
 * Registered views over HTTP, such as totals and a list with joined columns. They are read like tables, and return only
 * what the tables under them allow (T43). Every method that writes is refused, and so is a request for one row when
 * several have its key.
 */
#include "core/buf.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#define ONE "Accept: application/vnd.pgrst.object+json"

/* For each test: one tenant with two customers and four invoices in three months, another with one of 1000. */
static struct two_tenants w;

static void begin(void)
{
	w = two_tenants();
	sql("INSERT INTO shop.customers (id, tenant_id, env, name) VALUES ('1', '%s', 'dev', 'Ada'), ('2', '%s', "
		"'dev', "
		"'Bob'), ('1', '%s', 'dev', 'Eve')",
		w.tenant, w.tenant, w.other_tenant);
	sql("INSERT INTO shop.invoices (tenant_id, env, customer, total, due) SELECT t::uuid, 'dev', c, n, "
		"d::date FROM "
		"(VALUES ('%s', '1', 10, '2026-01-05'), ('%s', '2', 20, '2026-01-06'), ('%s', '1', 30, '2026-02-01'),"
		" ('%s', NULL, 40, '2026-03-01'), ('%s', '1', 1000, '2026-01-01')) v (t, c, n, d)",
		w.tenant, w.tenant, w.tenant, w.tenant, w.other_tenant);
}

static struct http_reply get(const char *target)
{
	return HTTP("GET", target, .token = w.token);
}

static bool is_json(const struct http_reply *r, const char *body)
{
	return http_is(r, 200, "") && body_is(r, body);
}

/* T43 */
static void totals_are_of_ones_own_tenant(void)
{
	begin();
	struct http_reply r = HTTP("GET", "/v1/data/months?select=month,total,n", .token = w.token,
		.headers = { "Prefer: count=exact" });
	CU_ASSERT(is_json(&r,
		"[{\"month\":\"2026-01\",\"total\":30,\"n\":2},{\"month\":\"2026-02\",\"total\":30,\"n\":1},"
		"{\"month\":\"2026-03\",\"total\":40,\"n\":1}]"));
	CU_ASSERT(header_is(&r, "Content-Range", "0-2/3"));
	r = HTTP("GET", "/v1/data/months?select=month,total", .token = w.other);
	CU_ASSERT(is_json(&r, "[{\"month\":\"2026-01\",\"total\":1000}]"));
	r = get("/v1/data/months/2026-02?select=total");
	CU_ASSERT(is_json(&r, "{\"total\":30}"));
	r = HTTP("GET", "/v1/data/months/2026-02", .token = w.other);
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("GET", "/v1/data/months/2026-02", .token = w.other, .tenant = w.tenant);
	CU_ASSERT(http_is(&r, 400, "tenant_mismatch"));
	r = get("/v1/data/months?tenant_id=eq.1");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	http_forget();
}

static void a_view_is_filtered_ordered_and_paged_as_a_table(void)
{
	begin();
	struct http_reply r =
		get("/v1/data/invoice_list?select=total,customer_name&customer_name=eq.Ada&order=total.desc");
	CU_ASSERT(
		is_json(&r, "[{\"total\":30,\"customer_name\":\"Ada\"},{\"total\":10,\"customer_name\":\"Ada\"}]"));
	r = get("/v1/data/months?select=total&total=gt.30");
	CU_ASSERT(is_json(&r, "[{\"total\":40}]"));
	r = HTTP("GET",
		"/v1/data/months?select=n:total&or=(total.eq.40,month.in.(\"2026-01\"))&order=total.desc&limit=1",
		.token = w.token, .headers = { ONE });
	CU_ASSERT(is_json(&r, "{\"n\":40}"));
	r = get("/v1/data/invoice_list?nothing=eq.1");
	CU_ASSERT(http_is(&r, 400, "invalid_request"));
	r = HTTP("HEAD", "/v1/data/months", .token = w.token);
	CU_ASSERT(r.status == 200 && str_is_empty(r.body) && header_is(&r, "Content-Range", "0-2/*"));
	http_forget();
}

/* The sum of `total` over all pages, each of one row or two. */
static int64_t walk(const char *target, size_t *rows, bool *by_cursor)
{
	int64_t sum = 0, total = 0;
	*rows = 0;
	*by_cursor = true;
	for (size_t pages = 0; target && pages < 20; pages++) {
		struct http_reply r = get(target);
		CU_ASSERT_FATAL(http_is(&r, 200, ""));
		for (size_t i = 0; i < json_count(r.json); i++, ++*rows)
			if (json_int64(json_get(json_at(r.json, i, NULL), STR("total")), &total))
				sum += total;
		target = next_of(&r);
		*by_cursor = *by_cursor && (!target || strstr(target, "cursor="));
	}
	return sum;
}

static void a_walk_sees_every_row_once_even_of_one_key(void)
{
	size_t rows;
	bool by_cursor;
	begin();
	CU_ASSERT_EQUAL(walk("/v1/data/months?limit=1", &rows, &by_cursor), 100);
	CU_ASSERT(rows == 3 && by_cursor);
	CU_ASSERT_EQUAL(
		walk("/v1/data/invoice_list?limit=1&order=customer_name.nullsfirst", &rows, &by_cursor), 100);
	CU_ASSERT(rows == 4 && by_cursor);
	/* By customer there are two rows of Ada's: no cursor leads between them. */
	CU_ASSERT_EQUAL(walk("/v1/data/by_customer?limit=1", &rows, &by_cursor), 100);
	CU_ASSERT(rows == 4 && !by_cursor);
	CU_ASSERT_EQUAL(walk("/v1/data/by_customer?limit=1&order=total", &rows, &by_cursor), 100);
	CU_ASSERT(rows == 4 && by_cursor);
	http_forget();
}

static void several_rows_of_one_key_are_not_one(void)
{
	begin();
	struct http_reply r = get("/v1/data/by_customer/1");
	CU_ASSERT(http_is(&r, 406, "not_acceptable"));
	r = get("/v1/data/by_customer/2?select=total");
	CU_ASSERT(is_json(&r, "{\"total\":20}"));
	r = get("/v1/data/by_customer?id=eq.1&select=total&order=total");
	CU_ASSERT(is_json(&r, "[{\"total\":10},{\"total\":30}]"));
	r = get("/v1/data/by_customer/3");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	http_forget();
}

static void a_version_makes_an_etag_and_nothing_else_does(void)
{
	static const char *const bare[] = { "/v1/data/months/2026-02", "/v1/data/labelled/1" };
	begin();
	const char *id = ask("SELECT id FROM shop.invoices WHERE tenant_id = '%s' AND total = 30", w.tenant);
	const char *target = text_of("/v1/data/invoice_list/%s", id),
			   *versioned = text_of("/v1/data/versions/%s", id);
	struct http_reply r = get(target);
	const char *etag = http_header(&r, "ETag");
	CU_ASSERT_PTR_NOT_NULL_FATAL(etag);
	r = HTTP("GET", target, .token = w.token, .headers = { text_of("If-None-Match: %s", etag) });
	CU_ASSERT(http_is(&r, 304, "") && str_is_empty(r.body));
	r = get(versioned);
	CU_ASSERT(header_is(&r, "ETag", "\"1\""));
	sql("UPDATE shop.invoices SET total = 31 WHERE id = '%s'", id);
	r = HTTP("GET", target, .token = w.token, .headers = { text_of("If-None-Match: %s", etag) });
	CU_ASSERT(http_is(&r, 200, "") && body_has(&r, "\"total\":31"));
	r = get(versioned);
	CU_ASSERT(header_is(&r, "ETag", "\"2\""));
	for (size_t i = 0; i < COUNT_OF(bare); i++) {
		r = HTTP("GET", bare[i], .token = w.token, .headers = { "If-None-Match: \"1\", \"\"" });
		CU_ASSERT(r.status == 200 && !http_header(&r, "ETag"));
	}
	http_forget();
}

static void every_writing_method_is_refused(void)
{
	static const struct {
		const char *method, *target, *body;
	} writes[] = { { "POST", "/v1/data/months", "{\"month\":\"x\"}" }, { "POST", "/v1/data/months", "[]" },
		{ "POST", "/v1/data/months", "nothing" },
		{ "PATCH", "/v1/data/months?month=eq.2026-01", "{\"total\":1}" },
		{ "PATCH", "/v1/data/months", "{}" }, { "DELETE", "/v1/data/months?month=eq.2026-01", NULL },
		{ "DELETE", "/v1/data/months", NULL }, { "PATCH", "/v1/data/months/2026-01", "{\"total\":1}" },
		{ "PUT", "/v1/data/months/2026-01", "{\"total\":1}" }, { "DELETE", "/v1/data/months/2026-01", NULL },
		{ "PUT", "/v1/data/invoice_list/99999999-9999-4999-8999-999999999999", "{}" } };
	begin();
	for (size_t i = 0; i < COUNT_OF(writes); i++) {
		struct http_reply r =
			HTTP(writes[i].method, writes[i].target, .token = w.token, .body = writes[i].body);
		CU_ASSERT(http_is(&r, 405, "method_not_allowed"));
		CU_ASSERT(header_is(&r, "Allow", "GET, HEAD"));
	}
	struct http_reply r = HTTP("POST", "/v1/data/months/send", .token = w.token, .body = "{}");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	r = HTTP("PUT", "/v1/data/months/2026-01/content", .token = w.token, .body = "x", .type = "image/png");
	CU_ASSERT(http_is(&r, 404, "not_found"));
	CU_ASSERT_EQUAL(ask_number("SELECT sum(total) FROM shop.invoices WHERE tenant_id = '%s'", w.tenant), 100);
	http_forget();
}

/* T26, T43 */
static void the_role_and_the_tenants_status_are_those_of_the_view(void)
{
	begin();
	const char *who = someone("member");
	member_of(w.tenant, who, "member", "active");
	const char *member = token(who, w.tenant, "dev");
	struct http_reply r = HTTP("GET", "/v1/data/for_admins", .token = member);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = HTTP("GET", "/v1/data/for_admins/x", .token = member);
	CU_ASSERT(http_is(&r, 403, "forbidden"));
	r = get("/v1/data/for_admins");
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 4);
	/* Beneath a view for members stands a table that is not for them. */
	sql("INSERT INTO shop.salaries (tenant_id, env, pay) VALUES ('%s', 'dev', 1000)", w.tenant);
	r = HTTP("GET", "/v1/data/pay", .token = member, .headers = { "Prefer: count=exact" });
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 0 && header_is(&r, "Content-Range", "*/0"));
	r = get("/v1/data/pay");
	CU_ASSERT(http_is(&r, 200, "") && json_count(r.json) == 1);
	sql("UPDATE tenantd.tenants SET status = 'onboarding' WHERE id = '%s'", w.tenant);
	r = get("/v1/data/invoice_list");
	CU_ASSERT(http_is(&r, 403, "tenant_not_active"));
	r = get("/v1/data/for_admins");
	CU_ASSERT(http_is(&r, 200, ""));
	http_forget();
}

static void a_view_is_described_without_any_way_to_write(void)
{
	begin();
	struct http_reply r = HTTP("GET", "/v1/openapi.json");
	const struct json *paths = json_get(r.json, STR("paths"));
	CU_ASSERT_EQUAL(json_count(json_get(paths, STR("/v1/data/months"))), 1);
	CU_ASSERT_EQUAL(json_count(json_get(paths, STR("/v1/data/months/{id}"))), 1);
	CU_ASSERT_PTR_NOT_NULL(json_get(json_get(paths, STR("/v1/data/months/{id}")), STR("get")));
	CU_ASSERT_PTR_NOT_NULL(json_path(r.json, STR("components.schemas.months")));
	const struct json *schemas = json_path(r.json, STR("components.schemas"));
	CU_ASSERT_PTR_NULL(json_get(schemas, STR("months.new")));
	CU_ASSERT_PTR_NULL(json_get(schemas, STR("months.change")));
	r = get("/v1/resources");
	size_t views = 0;
	for (size_t i = 0; i < json_count(r.json); i++) {
		const struct json *one = json_at(r.json, i, NULL), *roles = json_get(one, STR("roles"));
		bool is_read_only = false;
		CU_ASSERT(json_bool(json_get(one, STR("read_only")), &is_read_only));
		views += is_read_only;
		CU_ASSERT_EQUAL(json_kind(json_get(roles, STR("create"))) == JSON_NULL, is_read_only);
		CU_ASSERT_EQUAL(json_kind(json_get(roles, STR("delete"))) == JSON_NULL, is_read_only);
		CU_ASSERT(json_kind(json_get(roles, STR("read"))) == JSON_STRING);
	}
	CU_ASSERT(views >= 6);
	http_forget();
}

static bool all_answer(const char *target, int status)
{
	return all_workers_answer(w.token, target, status);
}

/* T42: what a view's functions leave in a session does not reach the next request on it. */
static void a_function_in_a_view_leaves_nothing_in_the_session(void)
{
	begin();
	sql("BEGIN; SET LOCAL ROLE tenantd_owner;"
		"CREATE FUNCTION shop.litter(uuid) RETURNS text LANGUAGE plpgsql STABLE SET search_path = "
		"pg_catalog, pg_temp"
		" AS $$ DECLARE was text := current_setting('kept.it', true); BEGIN"
		" PERFORM set_config('kept.it', 'yes', false); RETURN coalesce(was, ''); END $$;"
		"GRANT EXECUTE ON FUNCTION shop.litter TO tenantd_app;"
		"CREATE VIEW shop.littered WITH (security_invoker = true) AS"
		" SELECT id, tenant_id, env, shop.litter(id) AS was FROM shop.invoices WHERE total = 40;"
		"SELECT tenantd.register_resource('shop.littered');"
		"CREATE VIEW shop.above WITH (security_invoker = true) AS SELECT * FROM shop.littered;"
		"SELECT tenantd.register_resource('shop.above'); COMMIT");
	UNTIL(SOON_S, all_answer("/v1/data/above", 200));
	for (int i = 0; i < 4 * STACK_WORKERS; i++) {
		struct http_reply r = get(i % 2 ? "/v1/data/above?select=was" : "/v1/data/littered?select=was");
		CU_ASSERT(is_json(&r, "[{\"was\":\"\"}]"));
	}
	http_forget();
}

/* The workers go on, and say what is wrong. */
static void a_view_that_is_changed_or_gone_is_told_and_ends_nobody(void)
{
	begin();
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; CREATE VIEW shop.fleeting WITH (security_invoker = true) AS "
		"SELECT id,"
		" tenant_id, env, total FROM shop.invoices; SELECT tenantd.register_resource('shop.fleeting'); "
		"COMMIT");
	UNTIL(SOON_S, all_answer("/v1/data/fleeting", 200));
	CU_ASSERT(all_answer("/v1/data/fleeting", 200));
	stack_log_mark();
	int64_t respawns = http_metric("tenantd_worker_respawns_total");

	/* One column more is not granted: as it is, it is not served; registered again, it is. */
	sql("CREATE OR REPLACE VIEW shop.fleeting WITH (security_invoker = true) AS SELECT id, tenant_id, env, "
		"total,"
		" due FROM shop.invoices");
	CU_ASSERT(all_answer("/v1/data/fleeting", 500));
	CU_ASSERT(all_answer("/v1/data/fleeting?select=total", 200));
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; SELECT tenantd.refresh_resource('fleeting'); COMMIT");
	UNTIL(SOON_S, all_answer("/v1/data/fleeting?select=due", 200));
	CU_ASSERT(all_answer("/v1/data/fleeting", 200));

	/* Made anew with a column less: nothing is granted on it. */
	sql("SET ROLE tenantd_owner; DROP VIEW shop.fleeting; CREATE VIEW shop.fleeting WITH (security_invoker = "
		"true) AS"
		" SELECT id, tenant_id, env, due FROM shop.invoices; RESET ROLE");
	CU_ASSERT(all_answer("/v1/data/fleeting?select=due", 500));
	CU_ASSERT(stack_log("permission denied", "fleeting") >= 1);

	stack_log_mark();
	sql("DROP VIEW shop.fleeting");
	UNTIL(SOON_S, all_answer("/v1/data/fleeting", 404));
	CU_ASSERT(all_answer("/v1/data/fleeting", 404));
	CU_ASSERT(stack_log("resource.unfit", "fleeting") >= 1);
	CU_ASSERT(all_answer("/v1/data/months", 200));
	CU_ASSERT_EQUAL(http_metric("tenantd_worker_respawns_total"), respawns);
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; SELECT tenantd.unregister_resource('fleeting'); COMMIT");
	http_forget();
}

/* T43: a worker that comes anew does not serve beside a view that shows what its owner sees. */
static void the_gate_keeps_workers_from_a_view_that_was_opened(void)
{
	begin();
	stack_log_mark();
	sql("ALTER VIEW shop.months SET (security_invoker = false)");
	stack_pool_stop(SIGTERM);
	stack_pool_launch();
	UNTIL(SOON_S, stack_log("isolation.open", "view shop.months") >= 1);
	CU_ASSERT(stack_log("isolation.open", "view shop.months") >= 1);
	/* It knows of no resources yet, and does not say that there is none. */
	struct http_reply r = get("/v1/data/months");
	CU_ASSERT(http_is(&r, 503, "isolation_failed"));
	sql("ALTER VIEW shop.months SET (security_invoker = true)");
	stack_pool_wait();
	UNTIL(SOON_S, all_answer("/v1/data/months", 200));
	CU_ASSERT(all_answer("/v1/data/months", 200));
	http_forget();
}

static void register_views(void)
{
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; CREATE SCHEMA shop;"
		"CREATE TABLE shop.customers (id text PRIMARY KEY, name text NOT NULL);"
		"CREATE TABLE shop.invoices (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), customer text, total "
		"integer NOT "
		"NULL,"
		" due date NOT NULL);"
		"CREATE TABLE shop.salaries (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), pay integer NOT NULL);"
		"SELECT tenantd.register_resource('shop.customers'), tenantd.register_resource('shop.invoices'),"
		" tenantd.register_resource('shop.salaries', read_role => 'tenant_admin');"
		"CREATE VIEW shop.invoice_list WITH (security_invoker = true) AS SELECT i.id, i.tenant_id, i.env, "
		"i.total,"
		" i.due, c.name AS customer_name, i.version, i.updated_at FROM shop.invoices i LEFT JOIN "
		"shop.customers c"
		" ON c.id = i.customer;"
		"CREATE VIEW shop.months WITH (security_invoker = true) AS SELECT tenant_id, env, to_char(due, "
		"'YYYY-MM') AS"
		" month, sum(total) AS total, count(*) AS n FROM shop.invoice_list GROUP BY 1, 2, 3;"
		"CREATE VIEW shop.by_customer WITH (security_invoker = true) AS SELECT tenant_id, env, customer AS "
		"id, total"
		" FROM shop.invoices;"
		"CREATE VIEW shop.versions WITH (security_invoker = true) AS SELECT id, tenant_id, env, version FROM"
		" shop.invoices;"
		"CREATE VIEW shop.labelled WITH (security_invoker = true) AS SELECT id, tenant_id, env, name || '\"' "
		"AS"
		" version FROM shop.customers;"
		"CREATE VIEW shop.for_admins WITH (security_invoker = true) AS SELECT * FROM shop.by_customer;"
		"CREATE VIEW shop.pay WITH (security_invoker = true) AS SELECT id, tenant_id, env, pay FROM "
		"shop.salaries;"
		"SELECT tenantd.register_resource('shop.invoice_list'), tenantd.register_resource('shop.months', "
		"key_column"
		" => 'month'), tenantd.register_resource('shop.by_customer'), "
		"tenantd.register_resource('shop.versions'),"
		" tenantd.register_resource('shop.labelled'), tenantd.register_resource('shop.pay');"
		"SELECT tenantd.register_resource('shop.for_admins', read_role => 'tenant_admin', tenant_guard => "
		"'open');"
		" COMMIT");
	stack_reload();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(totals_are_of_ones_own_tenant),
		TEST(a_view_is_filtered_ordered_and_paged_as_a_table),
		TEST(a_walk_sees_every_row_once_even_of_one_key),
		TEST(several_rows_of_one_key_are_not_one),
		TEST(a_version_makes_an_etag_and_nothing_else_does),
		TEST(every_writing_method_is_refused),
		TEST(the_role_and_the_tenants_status_are_those_of_the_view),
		TEST(a_view_is_described_without_any_way_to_write),
		TEST(a_function_in_a_view_leaves_nothing_in_the_session),
		TEST(a_view_that_is_changed_or_gone_is_told_and_ends_nobody),
		TEST(the_gate_keeps_workers_from_a_view_that_was_opened),
	};
	/* The look for changes, which the answers here must not depend on, comes as seldom as it can. */
	stack_set("tenancy", "gate_interval", "60");
	stack_up();
	register_views();
	return unit_main("views", tests, COUNT_OF(tests));
}
