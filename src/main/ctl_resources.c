/* tenantctl resources, openapi: what is served under /v1/data/, as the database and the workers know it. */
#include "app/openapi.h"
#include "core/limits.h"
#include "ctl_app.h"
#include "repo/resources.h"

#include <stdio.h>

enum { NAME, TABLE, READ, CREATE, UPDATE, DELETE, TENANT, MORE };

#define RESOURCES                                                                                            \
	"SELECT r.name, r.schema_name || '.' || r.table_name, r.read_role, coalesce(r.create_role::text, "       \
	"'never'),"                                                                                              \
	" CASE WHEN r.append_only THEN 'never' ELSE coalesce(r.update_role::text, 'never') END,"                 \
	" CASE WHEN r.append_only THEN 'never' ELSE coalesce(r.delete_role::text, 'never') END, r.tenant_guard," \
	" concat_ws(', ', CASE WHEN r.create_role IS NULL THEN 'view' END, CASE WHEN r.user_scoped THEN "        \
	"'user-scoped' END, CASE WHEN r.append_only THEN "                                                       \
	"'append-only' END,"                                                                                     \
	"  'content of ' || r.content_of, (SELECT 'actions ' || string_agg(a.name, ' ' ORDER BY a.name)"         \
	"  FROM tenantd.resource_actions a WHERE a.resource = r.name))"                                          \
	" FROM tenantd.resources r ORDER BY r.name"

static void print_resources(struct arena *a, const struct rows *rows)
{
	printf("%-20s  %-28s  %-12s  %-12s  %-12s  %-12s  %-6s  %s\n", "name", "table", "read", "create",
		"update", "delete", "tenant", "");
	for (size_t i = 0; i < rows->count; i++)
		printf("%-20.*s  %-28.*s  %-12.*s  %-12.*s  %-12.*s  %-12.*s  %-6.*s  %.*s\n",
			STR_ARG(rows_value(rows, i, NAME, NULL)), STR_ARG(ctl_clean(a, rows_value(rows, i, TABLE, NULL))),
			STR_ARG(rows_value(rows, i, READ, NULL)), STR_ARG(rows_value(rows, i, CREATE, NULL)),
			STR_ARG(rows_value(rows, i, UPDATE, NULL)), STR_ARG(rows_value(rows, i, DELETE, NULL)),
			STR_ARG(rows_value(rows, i, TENANT, NULL)), STR_ARG(rows_value(rows, i, MORE, NULL)));
}

enum ctl_status ctl_resources(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	bool json = ctl_option(ctl, "--json") != NULL;
	const char *sql = json
		? "SELECT tenantd.describe_resource(r.name) FROM tenantd.resources r ORDER BY r.name"
		: RESOURCES;
	if (!ctl_connect(ctl, &err) || !db_query(ctl->db, ctl->arena, sql, NULL, 0, &rows, &err))
		return ctl_fail(&err);
	if (json)
		ctl_print_json_rows(&rows, 0);
	else
		print_resources(ctl->arena, &rows);
	return CTL_OK;
}

/* Prints what the workers would print: read with their role, from the same catalog. */
enum ctl_status ctl_openapi(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct catalog_rows rows;
	struct catalog catalog;
	struct str json;
	if (!ctl_configure(ctl, &err) || !ctl_connect_app(ctl, &err) ||
		!resources_read(ctl->db, ctl->arena, &rows, &err) ||
		!catalog_load(&catalog, ctl->arena, &rows, &err) || !openapi_print(ctl->arena, &catalog, &json, &err))
		return ctl_fail(&err);
	fwrite(json.at, 1, json.len, stdout);
	putchar('\n');
	return CTL_OK;
}
