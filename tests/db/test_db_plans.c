/*
 * The plans of the statements that the resource engine builds. Each must reach its table by an index that begins with
 * the tenant, so that the cost of one tenant's request does not grow with the rows of others. The statements are the
 * engine's own: repo/resources.c sends them with EXPLAIN in front, as tenantd_app and in a context. For statements that
 * are not planned anew for their values, the generic plan is checked as well.
 */
#include "core/buf.h"
#include "core/log.h"
#include "resource/build.h"
#include "support/cluster.h"
#include "support/unit.h"

static const char key_hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/* 300 tenants of 100 rows that lie between each other, and one of 3000. */
#define SMALL "10000000-0000-4000-8000-000000000007"
#define LARGE "10000000-0000-4000-8000-00000000012d"
#define ROW "20000000-0000-4000-8000-000000000007"
#define SEED                                                                                                 \
	"SET session_replication_role = replica; SET client_min_messages = warning;"                             \
	"INSERT INTO tenantd.users (id, issuer, subject) VALUES ('" ROW "', 'https://id.example', 'ann');"       \
	"INSERT INTO tenantd.tenants (id, env, slug, name, organization_name, status) SELECT"                    \
	" ('10000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'dev', 't-' || i, 't', 'o', 'active'"  \
	" FROM generate_series(1, 301) i;"                                                                       \
	"INSERT INTO tenantd.tenant_members (tenant_id, env, user_id, role, status)"                             \
	" SELECT id, 'dev', '" ROW "', 'owner', 'active' FROM tenantd.tenants;"

#define TABLE(name, more)                                                                                    \
	"CREATE TABLE app." name                                                                                 \
	" (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid, number text NOT NULL,"                 \
	" status text NOT NULL DEFAULT 'open', total numeric(12, 2) NOT NULL DEFAULT 0, due date, note "         \
	"text" more ");"

#define ROWS(name, columns, values)                                                                          \
	"INSERT INTO app." name " (id, tenant_id, env, number, status, total, due, note" columns ") SELECT"      \
	" ('20000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,"                                       \
	" ('10000000-0000-4000-8000-' || lpad(to_hex(CASE WHEN i > 30000 THEN 301 ELSE 1 + (i - 1) % 300 END), " \
	"12, '0'))::uuid,"                                                                                       \
	" 'dev', 'n-' || i, (ARRAY['open', 'paid', 'gone'])[1 + i % 3], i, '2030-01-01'::date + i % 365,"        \
	" repeat('x', 100)" values " FROM generate_series(1, 33000) i;"

static struct {
	struct cluster cluster;
	struct arena *life, *arena;
	struct db_options options;
	struct tx_source source;
	struct catalog catalog;
	struct context ctx;
} world;

static void script(const char *sql, struct rows *rows)
{
	struct error err = ERROR_INIT;
	if (db_script(world.source.db, world.arena, str_c(sql), rows, &err))
		return;
	fprintf(stderr, "%s: %s\n", sql, err.operator);
	exit(EXIT_FAILURE);
}

/* ---- reading a plan */

static bool holds(struct str line, const char *part)
{
	return memmem(line.at, line.len, part, strlen(part)) != NULL;
}

/* Nothing is looked through row by row, and each index is entered by the tenant. A plan that reaches no table at
 * all is not what was meant either. */
static bool is_by_tenant(const struct rows *plan)
{
	size_t scans = 0;
	for (size_t i = 0; i < plan->count; i++) {
		struct str line = rows_value(plan, i, 0, NULL);
		if (holds(line, "Seq Scan on"))
			return false;
		if (!holds(line, "Index Scan") && !holds(line, "Index Only Scan"))
			continue;
		scans++;
		if (i + 1 == plan->count)
			return false;
		struct str next = rows_value(plan, i + 1, 0, NULL);
		if (!holds(next, "Index Cond: ") || !holds(next, "(tenant_id = "))
			return false;
	}
	return scans > 0;
}

static void show(const char *what, struct str sql, const struct rows *plan)
{
	fprintf(stderr, "\n  %s for %s: %.*s\n", what, world.ctx.tenant.text, STR_ARG(sql));
	for (size_t i = 0; i < plan->count; i++)
		fprintf(stderr, "    %.*s\n", STR_ARG(rows_value(plan, i, 0, NULL)));
}

/* The plan of the statement as a request sends it. */
static struct rows plan_of(const struct built *built)
{
	struct rows plan;
	struct error err = ERROR_INIT;
	struct built *explain = ARENA_NEW(world.arena, struct built);
	const struct built *const all[] = { explain };
	*explain = *built;
	explain->sql = arena_printf(world.arena, "EXPLAIN (COSTS OFF) %.*s", STR_ARG(built->sql));
	world.ctx.arena = world.arena;
	world.ctx.tx = tx_new(world.arena, &world.source);
	if (resources_run(&world.ctx, all, 1, NULL, &plan, &err))
		return plan;
	fprintf(stderr, "%.*s: %s\n", STR_ARG(explain->sql), err.operator);
	exit(EXIT_FAILURE);
}

/* As it is planned after some uses, for any tenant and values. */
static struct rows generic_plan_of(const struct built *built)
{
	struct rows plan;
	struct buf b;
	buf_init(&b, world.arena, 4096);
	for (size_t i = 0; i < built->count + 2; i++)
		buf_add_c(&b, i > 0 ? ", NULL" : "NULL");
	script("SET plan_cache_mode = force_generic_plan", NULL);
	script(arena_printf(world.arena, "PREPARE generic AS %.*s", STR_ARG(built->sql)).at, NULL);
	script(arena_printf(world.arena, "EXPLAIN (COSTS OFF) EXECUTE generic(%.*s)", STR_ARG(buf_str(&b))).at,
		&plan);
	script("DEALLOCATE generic", NULL);
	script("RESET plan_cache_mode", NULL);
	return plan;
}

static void check(const char *what, const struct built *built)
{
	static const char *const tenants[] = { SMALL, LARGE };
	for (size_t i = 0; i < COUNT_OF(tenants); i++) {
		CU_ASSERT_FATAL(uuid_parse(str_c(tenants[i]), &world.ctx.tenant));
		struct rows plan = plan_of(built);
		bool is_good = is_by_tenant(&plan);
		CU_ASSERT(is_good);
		if (!is_good)
			show(what, built->sql, &plan);
	}
	if (!built->is_selective) {
		struct rows plan = generic_plan_of(built);
		bool is_good = is_by_tenant(&plan);
		CU_ASSERT(is_good);
		if (!is_good)
			show(what, built->sql, &plan);
	}
	arena_reset(world.arena);
}

/* ---- what the engine builds */

static const char *const names[] = { "orders", "drafts" };

static struct query parse(const char *resource, const char *text, int takes)
{
	struct query q;
	struct query_param params[16];
	struct error err = ERROR_INIT;
	size_t count = 0;
	struct str rest = str_c(text);
	const struct resource *r = catalog_find(&world.catalog, str_c(resource));
	while (!str_is_empty(rest)) {
		struct str pair;
		rest = str_split(rest, '&', &pair);
		params[count].value = str_split(pair, '=', &params[count].name);
		count++;
	}
	if (r && query_parse(&q, world.arena, r, params, count, takes, &err))
		return q;
	fprintf(stderr, "%s?%s was refused: %s\n", resource, text, err.detail);
	exit(EXIT_FAILURE);
}

/* A row that a page may have ended with. */
static struct keyset last_row(const struct query *q, bool has_null)
{
	struct keyset k = { .position = 10, .count = q->order_count };
	for (size_t i = 0; i < q->order_count; i++) {
		const struct column *c = q->order[i].column;
		k.values[i] = c->is_nullable && has_null ? VALUE_NULL
			: c->kind == KIND_UUID               ? VALUE_C(ROW)
			: c->kind == KIND_DATE               ? VALUE_C("2030-03-01")
			: c->kind == KIND_TIMESTAMPTZ        ? VALUE_C("2026-01-01T00:00:00Z")
			: c->kind == KIND_NUMERIC            ? VALUE_C("7")
												 : VALUE_C("n-7");
	}
	return k;
}

static const char *const filters[] = {
	"",
	"number=eq.n-7",
	"number=gte.n-7&number=lt.n-9",
	"status=eq.open",
	"status=in.(open,paid)&total=gt.100",
	"note=like.*y*",
	"due=is.null",
	"or=(number.eq.n-7,note.eq.a)",
	"not.and=(status.eq.open,due.not.is.null)",
	"id=eq." ROW,
	"id=in.(" ROW "," SMALL ")",
	"created_at=gt.2026-01-01T00:00:00Z&status=eq.paid",
};

static const char *const pages[] = {
	"limit=50",
	"limit=50&order=id.desc",
	"limit=50&order=number",
	"limit=50&order=created_at.desc",
	"limit=50&order=total.desc,number",
	"limit=50&order=due.desc.nullslast,number",
	"limit=50&order=note&select=id,number,sum:total",
	"limit=50&offset=40&order=status",
	"limit=1000",
};

static void lists_are_read_by_the_tenants_index(void)
{
	for (size_t n = 0; n < COUNT_OF(names); n++) {
		for (size_t f = 0; f < COUNT_OF(filters); f++) {
			for (size_t p = 0; p < COUNT_OF(pages); p++) {
				const char *text =
					arena_printf(world.life, "%s%s%s", pages[p], *filters[f] ? "&" : "", filters[f]).at;
				struct query q =
					parse(names[n], text, TAKES_SELECT | TAKES_FILTERS | TAKES_PAGE | TAKES_ORDER);
				check(text, build_list(world.arena, &q, NULL));
			}
		}
	}
}

static void the_next_page_is_read_by_the_tenants_index(void)
{
	for (size_t n = 0; n < COUNT_OF(names); n++) {
		for (size_t p = 0; p < COUNT_OF(pages); p++) {
			for (int has_null = 0; has_null < 2; has_null++) {
				const char *text = arena_printf(world.life, "%s&status=neq.gone", pages[p]).at;
				struct query q =
					parse(names[n], text, TAKES_SELECT | TAKES_FILTERS | TAKES_PAGE | TAKES_ORDER);
				struct keyset k = last_row(&q, has_null);
				check(text, build_list(world.arena, &q, &k));
				q = parse(names[n], pages[p], TAKES_SELECT | TAKES_FILTERS | TAKES_PAGE | TAKES_ORDER);
				k = last_row(&q, has_null);
				check(pages[p], build_list(world.arena, &q, &k));
			}
		}
	}
}

static void rows_are_counted_by_the_tenants_index(void)
{
	for (size_t n = 0; n < COUNT_OF(names); n++) {
		for (size_t f = 0; f < COUNT_OF(filters); f++) {
			struct query q =
				parse(names[n], filters[f], TAKES_SELECT | TAKES_FILTERS | TAKES_PAGE | TAKES_ORDER);
			check(filters[f], build_count(world.arena, &q));
		}
	}
}

static void one_row_is_got_by_the_key(void)
{
	for (size_t n = 0; n < COUNT_OF(names); n++) {
		struct query q = parse(names[n], "", TAKES_SELECT);
		check("get", build_get(world.arena, &q, STR(ROW)));
		q = parse(names[n], "select=number", TAKES_SELECT);
		check("get of a column", build_get(world.arena, &q, STR(ROW)));
	}
}

static struct input input_of(const struct query *q, enum input_use use, const char *body)
{
	struct input in;
	struct error err = ERROR_INIT;
	if (input_read(&in, world.arena, q, use, str_c(body), &err))
		return in;
	fprintf(stderr, "%s was refused: %s\n", body, err.detail);
	exit(EXIT_FAILURE);
}

/* The ways in which a write of a row can be asked for. */
static const struct write row_writes[] = {
	{ .id = STR(ROW), .if_match = STR(""), .remember = STR("") },
	{ .id = STR(ROW), .if_match = STR(""), .remember = STR(""), .wants_rows = true, .wants_one = true },
	{ .id = STR(ROW), .if_match = STR("{1-1}"), .remember = STR(""), .wants_rows = true },
	{ .id = STR(ROW), .if_match = STR(""), .remember = STR(""), .if_any = true },
};

static void one_row_is_changed_replaced_and_deleted_by_the_key(void)
{
	for (size_t n = 0; n < COUNT_OF(names); n++) {
		for (size_t i = 0; i < COUNT_OF(row_writes); i++) {
			const struct write *w = &row_writes[i];
			struct query q = parse(names[n], "", TAKES_SELECT | TAKES_COLUMNS);
			struct input in = input_of(&q, INPUT_CHANGE, "{\"status\":\"paid\",\"due\":null}");
			check("patch", build_change(world.arena, &q, w, &in));
			q = parse(names[n], "", TAKES_SELECT);
			check("delete", build_remove(world.arena, &q, w));
			if (str_is_empty(w->if_match) && !w->if_any)
				continue; /* that one inserts */
			q = parse(names[n], "", TAKES_SELECT | TAKES_COLUMNS);
			in = input_of(&q, INPUT_REPLACE, "{\"number\":\"n-7\",\"total\":5}");
			check("put", build_replace(world.arena, &q, w, &in));
		}
	}
}

static void many_rows_are_changed_and_deleted_by_the_tenants_index(void)
{
	static const struct write writes[] = {
		{ .id = STR(""), .if_match = STR(""), .remember = STR("") },
		{ .id = STR(""), .if_match = STR(""), .remember = STR(""), .wants_rows = true },
	};
	for (size_t n = 0; n < COUNT_OF(names); n++) {
		for (size_t f = 1; f < COUNT_OF(filters); f++) {
			for (size_t i = 0; i < COUNT_OF(writes); i++) {
				struct query q = parse(names[n], filters[f], TAKES_SELECT | TAKES_FILTERS | TAKES_COLUMNS);
				struct input in = input_of(&q, INPUT_CHANGE, "{\"status\":\"paid\"}");
				check(filters[f], build_change(world.arena, &q, &writes[i], &in));
				q = parse(names[n], filters[f], TAKES_SELECT | TAKES_FILTERS);
				check(filters[f], build_remove(world.arena, &q, &writes[i]));
			}
		}
	}
}

static void the_row_of_an_action_is_looked_up_by_the_key(void)
{
	const struct resource *r = catalog_find(&world.catalog, STR("orders"));
	check("action", build_action(world.arena, r, resource_action(r, STR("pay")), &row_writes[0], STR("{}")));
}

/* Shows that the check can fail: it finds a plan that reads the rows of every tenant. */
static void a_plan_without_the_index_would_be_seen(void)
{
	struct query q =
		parse("orders", "number=eq.n-7", TAKES_SELECT | TAKES_FILTERS | TAKES_PAGE | TAKES_ORDER);
	const struct built *built = build_list(world.arena, &q, NULL);
	struct rows plan;
	CU_ASSERT_FATAL(uuid_parse(STR(SMALL), &world.ctx.tenant));
	script("SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off", NULL);
	plan = plan_of(built);
	CU_ASSERT(!is_by_tenant(&plan));
	script("RESET enable_indexscan; RESET enable_bitmapscan; RESET enable_indexonlyscan", NULL);
	plan = plan_of(built);
	CU_ASSERT(is_by_tenant(&plan));
	script("EXPLAIN (COSTS OFF) SELECT 1", &plan);
	CU_ASSERT(!is_by_tenant(&plan));
	arena_reset(world.arena);
}

/* ---- the world */

static void make_tables(void)
{
	cluster_sql(&world.cluster, "plans",
		"BEGIN; SET LOCAL ROLE tenantd_owner; SET LOCAL client_min_messages = warning;"
		"CREATE SCHEMA IF NOT EXISTS app;" TABLE("orders", ", UNIQUE (tenant_id, number)") TABLE(
			"drafts", "") "SELECT tenantd.register_resource('app.orders', delete_role => 'member');"
						  "SELECT tenantd.register_resource('app.drafts', user_scoped => true);"
						  "CREATE INDEX ON app.orders (tenant_id, created_at, id);"
						  "CREATE INDEX ON app.orders (tenant_id, status);"
						  "CREATE FUNCTION app.order_pay(uuid, json) RETURNS json LANGUAGE sql"
						  " SET search_path = pg_catalog, pg_temp AS $$ SELECT to_json($1) $$;"
						  "SELECT tenantd.register_action('orders', 'pay', 'app.order_pay(uuid, json)');"
						  "COMMIT");
	cluster_sql(
		&world.cluster, "plans", SEED ROWS("orders", "", "") ROWS("drafts", ", user_id", ", '" ROW "'"));
	cluster_sql(&world.cluster, "plans", "VACUUM (ANALYZE)");
	cluster_sql(&world.cluster, "plans",
		arena_printf(world.life, "SELECT tenantd.context_key_add('\\x%s')", key_hex).at);
}

static void build_world(void)
{
	static char key[32];
	struct catalog_rows rows;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (char)i;
	world.life = arena_new(65536);
	world.arena = arena_new(65536);
	cluster_open(&world.cluster);
	if (!log_open(arena_printf(world.life, "%s/requests", world.cluster.dir).at, LOG_LEVEL_INFO, &err))
		exit(EXIT_FAILURE);
	cluster_migrated(&world.cluster, "plans");
	make_tables();
	world.options = (struct db_options){
		.url = cluster_url(&world.cluster, world.life, "plans", "tenantd_app"),
		.application_name = "test",
		.connect_ms = 20000,
	};
	tx_source_init(&world.source, db_new(&world.options), str_of(key, sizeof(key)));
	if (!db_connect(world.source.db, &err) || !resources_read(world.source.db, world.life, &rows, &err) ||
		!catalog_load(&world.catalog, world.life, &rows, &err)) {
		fprintf(stderr, "no world: %s\n", err.operator);
		exit(EXIT_FAILURE);
	}
	world.ctx = context_of_nobody(world.life, "/v1/data/{resource}");
	world.ctx.who.issuer = STR("https://id.example");
	world.ctx.who.subject = STR("ann");
	world.ctx.env = ENV_DEV;
	world.ctx.guard = (struct guard){ LEAST_OWNER, TENANT_ACTIVE };
	world.ctx.catalog = &world.catalog;
	trace_begin(&world.ctx.trace, STR(""));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(one_row_is_got_by_the_key),
		TEST(lists_are_read_by_the_tenants_index),
		TEST(the_next_page_is_read_by_the_tenants_index),
		TEST(rows_are_counted_by_the_tenants_index),
		TEST(one_row_is_changed_replaced_and_deleted_by_the_key),
		TEST(many_rows_are_changed_and_deleted_by_the_tenants_index),
		TEST(the_row_of_an_action_is_looked_up_by_the_key),
		TEST(a_plan_without_the_index_would_be_seen),
	};
	build_world();
	int status = unit_main("plans", tests, COUNT_OF(tests));
	db_free(world.source.db);
	cluster_close(&world.cluster);
	arena_free(world.arena);
	arena_free(world.life);
	return status;
}
