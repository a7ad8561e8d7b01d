/*
 * Generates attacks by code of the application (T125 to T127): every place where PostgreSQL runs such code, combined with
 * every action of a foreign key on the table and with every kind of request. In each place there is a probe, which
 * reports who runs it and what it sees, and leaves something behind in the session. Each combination must end in one of
 * two ways. Either registration refuses it with a message that names the object. Or the probe runs as the workers' role,
 * sees only the caller's tenant, and leaves nothing for the next request.
 *
 * Probes report to the server's log, because a rollback does not undo that.
 */
#include "core/buf.h"
#include "data_world.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE "/v1/data/things/state"
#define PARENT "11111111-1111-4111-8111-111111111111"
#define ROW "22222222-2222-4222-8222-222222222222"
enum { LOG_MOST = 1 << 20, NAME_MOST = 64 };

struct place {
	const char *name; /* also the table's */
	const char *before; /* made before the table */
	const char *v; /* the type of column v, and what stands behind it */
	const char *more; /* further items of the table */
	const char *after; /* made after the table and before it is registered */
	const char *value; /* v in a body */
	const char *refusal; /* NULL: it is taken; else what the refusal names */
};

/* P is a probe that answers true, PI one that says it is IMMUTABLE; @ is the table's name. */
#define P(args) "app.probe('@', " args ")"
#define PI(args) "app.probe_i('@', " args ")"
#define TRIGGER(when, level)                                                                                 \
	"CREATE FUNCTION app.fire_@() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM " P(                 \
		"NULL") "; "                                                                                         \
				"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $f$;"                          \
				"CREATE TRIGGER a_probe " when " ON app.@ FOR EACH " level " EXECUTE FUNCTION app.fire_@()"
#define CAST_TO(type, target)                                                                                \
	"CREATE FUNCTION app.cast_@(x " type ") RETURNS " target                                                 \
	" LANGUAGE plpgsql STABLE AS $f$ BEGIN PERFORM " P(                                                      \
		"NULL") "; RETURN '\"a\"'; END $f$; GRANT EXECUTE ON FUNCTION app.cast_@(" type ") TO tenantd_app;"  \
				"CREATE CAST (" type " AS " target ") WITH FUNCTION app.cast_@(" type ")"

static const struct place places[] = {
	{ "no_code", "", "text", "", "", "\"a\"", NULL },
	{ "column_check", "", "text CHECK (" P("v") ")", "", "", "\"a\"", NULL },
	{ "table_check", "", "text", "CHECK (" P("v || n") "),", "", "\"a\"", NULL },
	{ "domain_check", "CREATE DOMAIN app.d_@ AS text CHECK (" P("VALUE") ")", "app.d_@", "", "", "\"a\"",
		NULL },
	{ "domain_of_domain",
		"CREATE DOMAIN app.b_@ AS text CHECK (" P("VALUE") "); CREATE DOMAIN app.d_@ AS app.b_@", "app.d_@",
		"", "", "\"a\"", NULL },
	{ "array_of_domain", "CREATE DOMAIN app.d_@ AS text CHECK (" P("VALUE") ")", "app.d_@[]", "", "",
		"[\"a\"]", NULL },
	{ "composite_of_domain",
		"CREATE DOMAIN app.d_@ AS text CHECK (" P("VALUE") "); CREATE TYPE app.c_@ AS (a app.d_@)", "app.c_@",
		"", "", "{\"a\":\"a\"}", NULL },
	{ "default_value", "", "text", "w text DEFAULT " P("NULL") "::text,", "", "\"a\"", NULL },
	{ "generated", "", "text", "g boolean GENERATED ALWAYS AS (" PI("v") ") STORED,", "", "\"a\"", NULL },
	{ "index_expression", "", "text", "", "CREATE INDEX spy ON app.@ (tenant_id, (" PI("v") "))", "\"a\"",
		"index app.spy" },
	{ "index_predicate", "", "text", "", "CREATE INDEX spy ON app.@ (tenant_id, v) WHERE " PI("v"), "\"a\"",
		"index app.spy" },
	{ "unique_expression", "", "text", "", "CREATE UNIQUE INDEX spy ON app.@ (tenant_id, (" PI("v") "))",
		"\"a\"", "index app.spy" },
	{ "exclusion_operator",
		"CREATE FUNCTION app.eq_@(integer, integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN "
		"PERFORM " PI("NULL") "; RETURN $1 = $2; END $f$; CREATE OPERATOR app.=== (FUNCTION = app.eq_@, "
							  "LEFTARG = integer, RIGHTARG = integer,"
							  " COMMUTATOR = OPERATOR(app.===)); RESET ROLE; CREATE OPERATOR CLASS app.ops_@ "
							  "FOR TYPE integer USING hash AS OPERATOR 1"
							  " app.===, FUNCTION 1 hashint4(integer); SET LOCAL ROLE tenantd_owner",
		"text", "EXCLUDE USING hash (n app.ops_@ WITH app.===),", "", "\"a\"", "exclusion constraint" },
	{ "operator_class",
		"CREATE FUNCTION app.cmp_@(integer, integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN "
		"PERFORM " PI("NULL") "; RETURN btint4cmp($1, $2); END $f$; RESET ROLE; CREATE OPERATOR CLASS "
							  "app.ops_@ FOR TYPE integer USING btree AS OPERATOR 1 <,"
							  " OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 "
							  "app.cmp_@(integer, integer); SET LOCAL ROLE tenantd_owner",
		"text", "", "CREATE INDEX spy ON app.@ (tenant_id, n app.ops_@)", "\"a\"", "index app.spy" },
	{ "order_of_type",
		"CREATE TYPE app.e_@ AS ENUM ('a', 'b'); CREATE FUNCTION app.cmp_@(app.e_@, app.e_@) RETURNS integer "
		"LANGUAGE plpgsql"
		" IMMUTABLE AS $f$ BEGIN PERFORM " PI(
			"NULL") "; RETURN enum_cmp($1, $2); END $f$; RESET ROLE;"
					" CREATE OPERATOR CLASS app.ops_@ DEFAULT FOR TYPE app.e_@ USING btree AS OPERATOR 1 "
					"pg_catalog.<(anyenum, anyenum),"
					" OPERATOR 3 pg_catalog.=(anyenum, anyenum), FUNCTION 1 (app.e_@, app.e_@) "
					"app.cmp_@(app.e_@, app.e_@);"
					" SET LOCAL ROLE tenantd_owner",
		"app.e_@", "", "", "\"a\"", "the order of type" },
	{ "statistics", "", "text", "", "CREATE STATISTICS app.spy ON (" PI("v") ") FROM app.@", "\"a\"",
		"statistics app.spy" },
	{ "range_difference",
		"CREATE FUNCTION app.diff_@(integer, integer) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN "
		"PERFORM " PI("NULL") "; RETURN $1 - $2; END $f$; GRANT EXECUTE ON FUNCTION app.diff_@(integer, "
							  "integer) TO tenantd_app;"
							  " CREATE TYPE app.r_@ AS RANGE (SUBTYPE = integer, SUBTYPE_DIFF = app.diff_@)",
		"app.r_@", "", "", "\"[1,2)\"", "the difference in range" },
	{ "cast_to_json", "CREATE TYPE app.e_@ AS ENUM ('a', 'b');" CAST_TO("app.e_@", "json"), "app.e_@", "", "",
		"\"a\"", NULL },
	{ "cast_to_jsonb", "CREATE TYPE app.e_@ AS ENUM ('a', 'b');" CAST_TO("app.e_@", "jsonb"), "app.e_@", "",
		"", "\"a\"", NULL },
	{ "cast_of_composite", "CREATE TYPE app.e_@ AS (a text);" CAST_TO("app.e_@", "json"), "app.e_@", "", "",
		"{\"a\":\"a\"}", NULL },
	{ "policy", "", "text", "", "CREATE POLICY spy ON app.@ TO tenantd_app USING (" P("v") ")", "\"a\"",
		"policy spy" },
	{ "rule", "", "text", "", "CREATE RULE spy AS ON INSERT TO app.@ DO ALSO SELECT " P("NEW.v"), "\"a\"",
		"rule spy" },
	{ "before_row", "", "text", "", TRIGGER("BEFORE INSERT OR UPDATE OR DELETE", "ROW"), "\"a\"", NULL },
	{ "after_row", "", "text", "", TRIGGER("AFTER INSERT OR UPDATE OR DELETE", "ROW"), "\"a\"", NULL },
	{ "before_statement", "", "text", "", TRIGGER("BEFORE INSERT OR UPDATE OR DELETE", "STATEMENT"), "\"a\"",
		NULL },
	{ "after_statement", "", "text", "", TRIGGER("AFTER INSERT OR UPDATE OR DELETE", "STATEMENT"), "\"a\"",
		NULL },
	{ "condition", "", "text", "",
		"CREATE FUNCTION app.nothing_@() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NEW; END $f$;"
		"CREATE TRIGGER a_probe AFTER UPDATE ON app.@ FOR EACH ROW WHEN (" P(
			"NEW.v") ") EXECUTE FUNCTION app.nothing_@()",
		"\"a\"", NULL },
	{ "deferred", "", "text", "",
		"CREATE FUNCTION app.fire_@() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM " P(
			"NULL") "; RETURN NULL; END $f$;"
					"CREATE CONSTRAINT TRIGGER a_probe AFTER INSERT OR UPDATE OR DELETE ON app.@ DEFERRABLE "
					"INITIALLY DEFERRED FOR EACH ROW"
					" EXECUTE FUNCTION app.fire_@()",
		"\"a\"", NULL },
	{ "definer_check", "", "text CHECK (app.definer(v))", "", "", "\"a\"",
		"SECURITY DEFINER function app.definer" },
	{ "sql_as_text", "",
		"text CHECK (query_to_xml('SELECT "
		"app.probe(''@'', NULL)', true, false, '') IS NOT NULL)",
		"", "", "\"a\"", NULL },
};

static const char *const actions[] = { "CASCADE", "SET NULL (parent)", "SET DEFAULT (parent)" };

/* Ways in: T the resource's path, B a row with its key, V a change. */
static const struct way {
	const char *name, *method, *target, *body, *header;
} ways[] = {
	{ "create", "POST", "/v1/data/T", "{\"v\":V,\"n\":2}", "Prefer: return=representation" },
	{ "create several", "POST", "/v1/data/T",
		"[{\"v\":V,\"n\":3,\"boss\":\"" ROW "\"},{\"v\":V,\"n\":4,\"boss\":\"" ROW "\"}]",
		"Prefer: return=minimal" },
	{ "rehearse", "POST", "/v1/data/T", "{\"v\":V,\"n\":5}", "Prefer: tx=rollback" },
	{ "merge", "POST", "/v1/data/T?on_conflict=tenant_id,n", "{\"v\":V,\"n\":2}",
		"Prefer: resolution=merge-duplicates" },
	{ "put", "PUT", "/v1/data/T/" ROW, "{\"v\":V,\"n\":1}", "Prefer: return=representation" },
	{ "patch", "PATCH", "/v1/data/T/" ROW, "{\"v\":V}", "Prefer: return=representation" },
	{ "patch several", "PATCH", "/v1/data/T?n=gte.2", "{\"v\":V}", "Prefer: return=minimal" },
	{ "list", "GET", "/v1/data/T", NULL, "Prefer: count=exact" },
	{ "one", "GET", "/v1/data/T/" ROW, NULL, "Prefer: count=exact" },
	{ "head", "HEAD", "/v1/data/T", NULL, "Prefer: count=exact" },
	{ "filter", "GET", "/v1/data/T?v=eq.a", NULL, NULL },
	{ "filter by a list", "GET", "/v1/data/T?v=in.(a,b)", NULL, NULL },
	{ "order", "GET", "/v1/data/T?order=v.desc", NULL, NULL },
	{ "select", "GET", "/v1/data/T?select=v", NULL, NULL },
	{ "audit", "GET", "/v1/audit", NULL, NULL },
	{ "key of what it refers to", "PATCH", "/v1/data/parents/" PARENT, "{\"code\":\"changed\"}", NULL },
	{ "what it refers to goes", "DELETE", "/v1/data/parents/" PARENT, NULL, NULL },
	{ "delete", "DELETE", "/v1/data/T/" ROW, NULL, NULL },
	{ "delete several", "DELETE", "/v1/data/T?n=gte.2", NULL, NULL },
};

/* `text` with @ and T as the table's name and V as the value. */
static const char *filled(const char *text, const char *table, const char *value)
{
	struct buf b;
	buf_init(&b, http_arena(), 16384);
	for (const char *c = text; *c; c++) {
		bool is_table = *c == '@' || (*c == 'T' && c > text && c[-1] == '/' && !(c[1] >= 'A' && c[1] <= 'Z'));
		if (is_table)
			buf_add_c(&b, table);
		else if (value && *c == 'V' && c > text && c[-1] == ':')
			buf_add_c(&b, value);
		else
			buf_add_char(&b, *c);
	}
	return arena_cstr(http_arena(), buf_str(&b));
}

/* ---- what the probes said ---- */

static off_t heard;

static int open_log(void)
{
	int fd = open(text_of("%s/log", stack_cluster()->dir), O_RDONLY | O_CLOEXEC);
	CU_ASSERT_FATAL(fd >= 0);
	return fd;
}

static void forget_what_was_heard(void)
{
	struct stat st;
	int fd = open_log();
	CU_ASSERT_FATAL(fstat(fd, &st) == 0);
	heard = st.st_size;
	close(fd);
}

/* How many probes ran since; false in *good when one was somebody else, or saw too much. */
static size_t listen_to_probes(const char *table, bool *good)
{
	char *text = arena_alloc(http_arena(), LOG_MOST + 1);
	int fd = open_log();
	ssize_t len = pread(fd, text, LOG_MOST, heard);
	close(fd);
	size_t count = 0;
	*good = len >= 0 && len < LOG_MOST;
	text[len > 0 ? len : 0] = '\0';
	for (char *line = text; (line = strstr(line, "probe of ")); count++) {
		char *end = strchr(line, '\n');
		if (end)
			*end = '\0';
		/* "probe of TABLE as tenantd_app sees 1 keys no" */
		char as[NAME_MOST] = "", keys[NAME_MOST] = "";
		int sees = -1;
		bool ok = sscanf(line, "probe of %*s as %63s sees %d keys %63s", as, &sees, keys) == 3 &&
			strcmp(as, "tenantd_app") == 0 && sees >= 0 && sees <= 1 && strcmp(keys, "no") == 0;
		if (!ok)
			fprintf(stderr, "  %s: %s\n", table, line);
		*good = *good && ok;
		if (!end)
			break;
		line = end + 1;
	}
	forget_what_was_heard();
	return count;
}

static bool nothing_is_left(void)
{
	for (int i = 0; i < 6; i++) {
		struct http_reply r = HTTP("POST", STATE, .token = w.other, .body = "{}");
		if (r.status != 200 || !str_eq(r.body, STR("\"\""))) {
			fprintf(stderr, "  left: %d %.*s\n", r.status, STR_ARG(r.body));
			return false;
		}
	}
	return true;
}

/* ---- cells ---- */

static struct {
	size_t cells, refused, ran, silent;
} sums;

static const char *make_table(const struct place *p, const char *table, const char *action)
{
	struct buf b;
	buf_init(&b, http_arena(), 32768);
	buf_printf(&b,
		"SET LOCAL ROLE tenantd_owner; %s; CREATE TABLE app.@ (id uuid PRIMARY KEY DEFAULT "
		"gen_random_uuid(), tenant_id uuid,"
		" v %s, n integer NOT NULL, parent uuid, code text, boss uuid, %s UNIQUE (tenant_id, n), UNIQUE "
		"(tenant_id, id),"
		" FOREIGN KEY (tenant_id, boss) REFERENCES app.@ (tenant_id, id) ON DELETE CASCADE,"
		" FOREIGN KEY (tenant_id, parent) REFERENCES app.parents (tenant_id, id) ON DELETE %s,"
		" FOREIGN KEY (tenant_id, code) REFERENCES app.parents (tenant_id, code) ON UPDATE CASCADE ON DELETE "
		"SET NULL (code)); %s;"
		" SELECT tenantd.register_resource('app.@', delete_role => 'member')",
		p->before[0] ? p->before : "SELECT 1", p->v, p->more, action, p->after[0] ? p->after : "SELECT 1");
	const char *script = filled(arena_cstr(http_arena(), buf_str(&b)), table, NULL);
	return ask("SELECT public.refusal($script$%s$script$)", script);
}

/* A registration holds locks for a moment: what the gate cannot look at meanwhile is closed, and soon open again. */
static struct http_reply send_request(
	const char *method, const char *target, const char *body, const char *header)
{
	struct http_reply r = { 0 };
	UNTIL(SOON_S,
		(r = HTTP(method, target, .token = w.token, .body = body, .headers = { header })).status != 503 ||
			!strstr(r.body.at, "is not available now"));
	return r;
}

static void try_way(const struct way *way, const struct place *p, const char *table)
{
	bool good;
	const char *body = way->body ? filled(way->body, table, p->value) : NULL;
	struct http_reply r = send_request(way->method, filled(way->target, table, NULL), body, way->header);
	size_t count = listen_to_probes(table, &good);
	bool is_clean = nothing_is_left();
	(void)listen_to_probes(table, &(bool){ true });
	sums.cells++;
	sums.ran += count > 0;
	sums.silent += count == 0;
	if (!good || !is_clean || r.status >= 500)
		fprintf(stderr, "  cell %s, %s: %d %.*s\n", table, way->name, r.status, STR_ARG(r.body));
	CU_ASSERT(good && is_clean && r.status < 500);
}

static void try_table(const struct place *p, const char *table)
{
	bool good;
	const char *at = text_of("/v1/data/%s", table);
	UNTIL(SOON_S, all_workers_answer(w.token, at, 200));
	(void)send_request("PUT", "/v1/data/parents/" PARENT, "{\"code\":\"code\"}", NULL);
	struct http_reply r = send_request("PUT", text_of("%s/" ROW, at),
		text_of("{\"v\":%s,\"n\":1,\"parent\":\"" PARENT "\",\"code\":\"code\"}", p->value), NULL);
	if (r.status != 201)
		fprintf(stderr, "  %s: %d %.*s\n", table, r.status, STR_ARG(r.body));
	CU_ASSERT_EQUAL(r.status, 201);
	CU_ASSERT(nothing_is_left());
	for (size_t i = 0; i < COUNT_OF(ways); i++)
		try_way(&ways[i], p, table);
	/* What PostgreSQL and the operator do by themselves with rows that are there. */
	(void)send_request("POST", at, text_of("{\"v\":%s,\"n\":9}", p->value), NULL);
	(void)listen_to_probes(table, &good);
	CU_ASSERT(good);
	sql("ANALYZE app.%s; REINDEX TABLE app.%s; SELECT public.refusal('SELECT "
		"tenantd.refresh_resource(''%s'')')",
		table, table, table);
	(void)listen_to_probes(table, &good);
	CU_ASSERT(good);
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; SELECT tenantd.unregister_resource('%s'); DROP TABLE app.%s; "
		"COMMIT",
		table, table);
}

static void every_cell_is_refused_or_its_callers(void)
{
	begin();
	struct http_reply r = send_request("POST", "/v1/data/victims", "{}", NULL);
	CU_ASSERT(http_is(&r, 201, ""));
	r = HTTP("POST", "/v1/data/victims", .token = w.other, .body = "{}");
	CU_ASSERT(http_is(&r, 201, ""));
	CU_ASSERT(nothing_is_left());
	forget_what_was_heard();
	for (size_t i = 0; i < COUNT_OF(places); i++)
		for (size_t j = 0; j < COUNT_OF(actions); j++) {
			char table[NAME_MOST];
			snprintf(table, sizeof(table), "%s_%zu", places[i].name, j);
			const char *refusal = make_table(&places[i], table, actions[j]);
			bool is_right = places[i].refusal ? strstr(refusal, places[i].refusal) != NULL : !refusal[0];
			if (!is_right)
				fprintf(stderr, "  %s: %s\n", table, refusal[0] ? refusal : "it was taken");
			CU_ASSERT(is_right);
			if (refusal[0])
				sums.refused++;
			else
				try_table(&places[i], table);
			http_forget();
			begin();
		}
	printf("  %zu tables refused; %zu cells: in %zu a probe ran, each as the workers' role; in %zu none had "
		   "to\n",
		sums.refused, sums.cells, sums.ran, sums.silent);
	CU_ASSERT(sums.refused >= 20 && sums.cells >= 1000 && sums.ran >= 300);
}

/* The isolation gate evaluates defaults, triggers and more, too, in the sessions that then serve. */
static void the_gate_leaves_nothing(void)
{
	bool good;
	begin();
	const struct place *p = &places[22]; /* before_row */
	CU_ASSERT_STRING_EQUAL(p->name, "before_row");
	CU_ASSERT_STRING_EQUAL(make_table(p, "gate_0", actions[0]), "");
	forget_what_was_heard();
	stack_reload();
	CU_ASSERT(listen_to_probes("gate_0", &good) > 0);
	CU_ASSERT(good);
	CU_ASSERT(nothing_is_left());
	http_forget();
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(every_cell_is_refused_or_its_callers),
		TEST(the_gate_leaves_nothing),
	};
#define PROBE(name, how)                                                                                     \
	"CREATE FUNCTION app." name "(place text, v text) RETURNS boolean LANGUAGE plpgsql " how " AS $$ BEGIN"  \
	" RAISE LOG 'probe of % as % sees % keys %', place, current_user, (SELECT count(DISTINCT tenant_id) "    \
	"FROM app.victims),"                                                                                     \
	" CASE WHEN has_table_privilege('tenantd.context_keys', 'SELECT') THEN 'yes' ELSE 'no' END;"             \
	" PERFORM set_config('timezone', 'Asia/Tokyo', false), set_config('extra_float_digits', '-15', false),"  \
	" set_config('client_encoding', 'LATIN1', false), set_config('synchronous_commit', 'off', false),"       \
	" set_config('probe.left', place, false), pg_advisory_lock_shared(7); RETURN true; END $$;"              \
	"GRANT EXECUTE ON FUNCTION app." name "(text, text) TO tenantd_app;"
	data_up(PROBE("probe", "VOLATILE") PROBE(
		"probe_i", "IMMUTABLE") "CREATE FUNCTION app.definer(text) RETURNS boolean LANGUAGE sql SECURITY "
								"DEFINER AS 'SELECT true';"
								"CREATE TABLE app.victims (id uuid PRIMARY KEY DEFAULT gen_random_uuid());"
								"SELECT tenantd.register_resource('app.victims');"
								"CREATE TABLE app.parents (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "
								"tenant_id uuid, code text, UNIQUE (tenant_id, code));"
								"CREATE UNIQUE INDEX ON app.parents (tenant_id, id);"
								"SELECT tenantd.register_resource('app.parents', delete_role => 'member');"
								"CREATE FUNCTION app.state(b json) RETURNS json LANGUAGE sql SET search_path "
								"= pg_catalog, pg_temp AS $$"
								" SELECT to_json(coalesce((SELECT string_agg(name || '=' || setting, ' ') "
								"FROM pg_settings WHERE source = 'session'"
								" AND name NOT IN ('search_path', 'statement_timeout')), '') || "
								"coalesce(nullif(current_setting('probe.left', true), ''), '')"
								" || coalesce((SELECT ' locks ' || count(*) FROM pg_locks WHERE locktype = "
								"'advisory' AND pid = pg_backend_pid()"
								" HAVING count(*) > 0), '')) $$;"
								"SELECT tenantd.register_action('things', 'state', 'app.state(json)', "
								"on_collection => true);"
								"RESET ROLE; CREATE FUNCTION public.refusal(script text) RETURNS text "
								"LANGUAGE plpgsql AS $$ BEGIN EXECUTE script; RETURN '';"
								" EXCEPTION WHEN OTHERS THEN RETURN SQLERRM; END $$;"
								"SET LOCAL ROLE tenantd_owner");
	return unit_main("code", tests, COUNT_OF(tests));
}
