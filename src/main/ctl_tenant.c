/* tenantctl tenant: what the operator may see and do of tenants, through the functions of
 * db/functions/operator.sql, which audit every act inside its tenant. */
#include "core/uuid.h"
#include "ctl.h"

#include <stdio.h>

enum { ID, ENV, SLUG, STATUS, MEMBERS, NAME, WHOLE, FOUND };

/* A page, and in each row how many tenants there are from the page's first row to the end of the list. */
#define TENANTS                                                                                              \
	"SELECT id, env, slug, status, members, name, row_to_json(t), count(*) OVER ()"                          \
	" FROM tenantd.operator_tenants($1::tenantd.env, $2) t WHERE $4::uuid IS NULL OR (created_at, id) > "    \
	"(SELECT a.created_at, a.id FROM tenantd.operator_tenants(NULL, NULL) a WHERE a.id = $4)"                \
	" ORDER BY created_at, id LIMIT $3"

static void print_tenants(struct arena *a, const struct rows *rows)
{
	printf("%-36s  %-7s  %-32s  %-10s  %7s  %s\n", "id", "env", "slug", "status", "members", "name");
	for (size_t i = 0; i < rows->count; i++)
		printf("%-36.*s  %-7.*s  %-32.*s  %-10.*s  %7.*s  %.*s\n", STR_ARG(rows_value(rows, i, ID, NULL)),
			STR_ARG(rows_value(rows, i, ENV, NULL)), STR_ARG(rows_value(rows, i, SLUG, NULL)),
			STR_ARG(rows_value(rows, i, STATUS, NULL)), STR_ARG(rows_value(rows, i, MEMBERS, NULL)),
			STR_ARG(ctl_clean(a, rows_value(rows, i, NAME, NULL))));
}

enum ctl_status ctl_tenant_list(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	struct uuid after;
	int64_t limit = LIMIT_PAGE_DEFAULT;
	const char *behind = ctl_option(ctl, "--after");
	if (!ctl_limit(ctl, "tenants", &limit))
		return CTL_USAGE;
	if (behind && !uuid_parse(str_c(behind), &after))
		return ctl_misused(ctl, "--after wants the id of a tenant");
	struct value values[4] = { VALUE_NULL, value_or_null(str_c(ctl_option(ctl, "--search"))),
		VALUE(arena_printf(ctl->arena, "%lld", (long long)limit)), value_or_null(str_c(behind)) };
	if (!ctl_env(ctl, &values[0]))
		return CTL_USAGE;
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena, TENANTS, values, COUNT_OF(values), &rows, &err))
		return ctl_fail(&err);
	if (ctl_option(ctl, "--json"))
		ctl_print_json_rows(&rows, WHOLE);
	else
		print_tenants(ctl->arena, &rows);
	ctl_tell_of_more(&rows, FOUND, ID);
	return CTL_OK;
}

static enum ctl_status set_status(struct ctl *ctl, const char *wanted)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	int64_t days;
	const char *grace = ctl_option(ctl, "--grace");
	if (grace && (!str_to_int64(str_c(grace), &days) || days < 0 || days > LIMIT_GRACE_DAYS))
		return ctl_misused(ctl, "--grace wants a number of days, at most %d", LIMIT_GRACE_DAYS);
	struct value values[6] = { VALUE_C(ctl->args[0]), VALUE_NULL, VALUE_C(wanted),
		VALUE(ctl_operator_name(ctl->arena)), value_or_null(str_c(ctl_option(ctl, "--reason"))),
		value_or_null(str_c(grace)) };
	if (!ctl_env(ctl, &values[1]))
		return CTL_USAGE;
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena,
			"SELECT id, slug, status FROM tenantd.operator_tenant_status($1, $2::tenantd.env, $3, $4, $5, $6)",
			values, COUNT_OF(values), &rows, &err))
		return ctl_fail(&err);
	printf("tenant '%.*s' (%.*s) is %.*s\n", STR_ARG(rows_value(&rows, 0, 1, NULL)),
		STR_ARG(rows_value(&rows, 0, 0, NULL)), STR_ARG(rows_value(&rows, 0, 2, NULL)));
	return CTL_OK;
}

enum ctl_status ctl_tenant_suspend(struct ctl *ctl)
{
	return set_status(ctl, "suspend");
}

enum ctl_status ctl_tenant_reactivate(struct ctl *ctl)
{
	return set_status(ctl, "reactivate");
}

enum ctl_status ctl_tenant_close(struct ctl *ctl)
{
	return set_status(ctl, "close");
}

enum ctl_status ctl_tenant_reopen(struct ctl *ctl)
{
	return set_status(ctl, "reopen");
}
