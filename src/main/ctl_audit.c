/* tenantctl audit: what the audit log of a tenant says. It only reads. */
#include "core/time.h"
#include "ctl.h"

#include <stdio.h>

enum { USER, EMAIL, ROLE, STATUS, SINCE, STANDING, WHOLE };

#define ACCESS                                                                                               \
	"SELECT user_id, email, role, status, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), "      \
	"tenant_status, row_to_json(a) FROM tenantd.operator_access($1, $2::tenantd.env, $3::timestamptz) a"

static void print_access(struct arena *a, const struct rows *rows)
{
	if (rows->count == 0) {
		printf("nobody was a member then\n");
		return;
	}
	printf("the tenant was %.*s\n", STR_ARG(rows_value(rows, 0, STANDING, NULL)));
	printf("%-36s  %-12s  %-9s  %-19s  %s\n", "user", "role", "status", "since (UTC)", "email today");
	for (size_t i = 0; i < rows->count; i++)
		printf("%-36.*s  %-12.*s  %-9.*s  %-19.*s  %.*s\n", STR_ARG(rows_value(rows, i, USER, NULL)),
			STR_ARG(rows_value(rows, i, ROLE, NULL)), STR_ARG(rows_value(rows, i, STATUS, NULL)),
			STR_ARG(rows_value(rows, i, SINCE, NULL)),
			STR_ARG(ctl_clean(a, rows_value(rows, i, EMAIL, NULL))));
}

enum ctl_status ctl_audit_access(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	struct value values[3] = { VALUE_C(ctl_option(ctl, "--tenant")), VALUE_NULL,
		VALUE_C(ctl_option(ctl, "--at")) };
	if (!ctl_env(ctl, &values[1]))
		return CTL_USAGE;
	if (!time_is_rfc3339(values[2].text))
		return ctl_misused(ctl, "--at wants a time like 2026-01-31T12:00:00Z");
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena, ACCESS, values, COUNT_OF(values), &rows, &err))
		return ctl_fail(&err);
	if (ctl_option(ctl, "--json"))
		ctl_print_json_rows(&rows, WHOLE);
	else
		print_access(ctl->arena, &rows);
	return CTL_OK;
}
