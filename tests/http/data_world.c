/* Two tenants and a table of things. */
#include "data_world.h"

#include "core/buf.h"

struct two_tenants w;

void begin(void)
{
	w = two_tenants();
}

struct http_reply get(const char *target)
{
	return HTTP("GET", target, .token = w.token);
}

struct http_reply post(const char *target, const char *body)
{
	return HTTP("POST", target, .token = w.token, .body = body);
}

const char *made(const char *body)
{
	struct http_reply r = HTTP("POST", THINGS, .token = w.token, .body = body, .headers = { ONE });
	CU_ASSERT(http_is(&r, 201, ""));
	return http_text(&r, "id");
}

bool rows_are(const struct http_reply *r, const char *column, const char *wanted)
{
	struct buf b;
	struct str text;
	buf_init(&b, http_arena(), 1024);
	for (size_t i = 0; i < json_count(r->json); i++)
		if (json_string(json_get(json_at(r->json, i, NULL), str_c(column)), &text))
			buf_printf(&b, "%s%.*s", i > 0 ? "," : "", STR_ARG(text));
	if (r->json && str_eq(buf_str(&b), str_c(wanted)))
		return true;
	fprintf(stderr, "  %d %.*s is not %s\n", r->status, STR_ARG(buf_str(&b)), wanted);
	return false;
}

int64_t in_database(const char *tenant)
{
	return ask_number("SELECT count(*) FROM app.things WHERE tenant_id = '%s'", tenant);
}

void data_up(const char *more)
{
	stack_up();
	sql("BEGIN; SET LOCAL ROLE tenantd_owner; CREATE SCHEMA app;"
		"CREATE TABLE app.things (id uuid DEFAULT gen_random_uuid(), tenant_id uuid, name text NOT NULL,"
		" n integer NOT NULL DEFAULT 7 CHECK (n >= 0), amount numeric(10, 2), at timestamptz, code text,"
		" parent uuid, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, code),"
		" FOREIGN KEY (tenant_id, parent) REFERENCES app.things (tenant_id, id));"
		"SELECT tenantd.register_resource('app.things');"
		"CREATE FUNCTION app.thing_act(uuid) RETURNS json LANGUAGE sql"
		" SET search_path = pg_catalog, pg_temp AS $$ SELECT to_json($1) $$;"
		"SELECT tenantd.register_action('things', 'act', 'app.thing_act(uuid)'); %s; COMMIT",
		more);
	stack_reload();
}
