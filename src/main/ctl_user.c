/* tenantctl user: who is known, what they belong to, and who administers the system, through the functions of
 * db/functions/operator.sql, which audit every act in the system's log. */
#include "core/uuid.h"
#include "ctl.h"

#include <stdio.h>

enum { ID, ADMIN, MEMBERSHIPS, EMAIL, ISSUER, SUBJECT, WHOLE, FOUND };
#define USERS                                                                                                 \
	"SELECT id, CASE WHEN system_admin THEN 'yes' ELSE 'no' END, memberships, email, issuer, subject, shown," \
	" left_over FROM tenantd.operator_users($1, $2, $3, $4)"

static void print_users(struct arena *a, const struct rows *rows)
{
	printf("%-36s  %-5s  %11s  %-32s  %s\n", "id", "admin", "memberships", "email", "issuer and subject");
	for (size_t i = 0; i < rows->count; i++)
		printf("%-36.*s  %-5.*s  %11.*s  %-32.*s  %.*s %.*s\n", STR_ARG(rows_value(rows, i, ID, NULL)),
			STR_ARG(rows_value(rows, i, ADMIN, NULL)), STR_ARG(rows_value(rows, i, MEMBERSHIPS, NULL)),
			STR_ARG(ctl_clean(a, rows_value(rows, i, EMAIL, NULL))),
			STR_ARG(ctl_clean(a, rows_value(rows, i, ISSUER, NULL))),
			STR_ARG(ctl_clean(a, rows_value(rows, i, SUBJECT, NULL))));
}

enum ctl_status ctl_user_list(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	struct uuid after;
	int64_t limit = LIMIT_PAGE_DEFAULT;
	const char *behind = ctl_option(ctl, "--after");
	if (!ctl_limit(ctl, "users", &limit))
		return CTL_USAGE;
	if (behind && !uuid_parse(str_c(behind), &after))
		return ctl_misused(ctl, "--after wants the id of a user");
	const struct value values[] = { value_or_null(str_c(ctl_option(ctl, "--search"))),
		VALUE_C(ctl_option(ctl, "--admins") ? "true" : "false"),
		VALUE(arena_printf(ctl->arena, "%lld", (long long)limit)), value_or_null(str_c(behind)) };
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena, USERS, values, COUNT_OF(values), &rows, &err))
		return ctl_fail(&err);
	if (ctl_option(ctl, "--json"))
		ctl_print_json_rows(&rows, WHOLE);
	else
		print_users(ctl->arena, &rows);
	ctl_tell_of_more(&rows, FOUND, ID);
	return CTL_OK;
}

#define SHOW                                                                                                    \
	"SELECT m ->> 'env', m ->> 'slug', m ->> 'role', m ->> 'status', m ->> 'tenant_status', m ->> 'tenant_id'," \
	" s ->> 'id', s ->> 'email', s ->> 'name', s ->> 'issuer', s ->> 'subject', s ->> 'system_admin', s"        \
	" FROM tenantd.operator_user_show($1, $2) s LEFT JOIN LATERAL json_array_elements(s -> 'memberships') m ON true"

static void print_user(struct arena *a, const struct rows *rows)
{
	static const char *const labels[] = { "id", "email", "name", "issuer", "subject", "system admin" };
	enum { FIRST = 6 };
	for (size_t i = 0; i < COUNT_OF(labels); i++)
		printf("%-12s  %.*s\n", labels[i], STR_ARG(ctl_clean(a, rows_value(rows, 0, FIRST + i, NULL))));
	for (size_t i = 0; i < rows->count && !str_is_empty(rows_value(rows, i, 0, NULL)); i++)
		printf("%-12s  %.*s %.*s (%.*s): %.*s, %.*s; the tenant is %.*s\n", "member of",
			STR_ARG(rows_value(rows, i, 0, NULL)), STR_ARG(rows_value(rows, i, 1, NULL)),
			STR_ARG(rows_value(rows, i, 5, NULL)), STR_ARG(rows_value(rows, i, 2, NULL)),
			STR_ARG(rows_value(rows, i, 3, NULL)), STR_ARG(rows_value(rows, i, 4, NULL)));
}

enum ctl_status ctl_user_show(struct ctl *ctl)
{
	enum { JSON = 12 };
	struct error err = ERROR_INIT;
	struct rows rows;
	const struct value values[] = { VALUE_C(ctl->args[0]), ctl_subject(ctl) };
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena, SHOW, values, COUNT_OF(values), &rows, &err))
		return ctl_fail(&err);
	if (rows.count == 0) {
		error_log(&err, ERR_NOT_FOUND, "there is no such user");
		return ctl_fail(&err);
	}
	if (ctl_option(ctl, "--json"))
		printf("%.*s\n", STR_ARG(rows_value(&rows, 0, JSON, NULL)));
	else
		print_user(ctl->arena, &rows);
	return CTL_OK;
}

static enum ctl_status set_admin(struct ctl *ctl, bool is_admin)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	const struct value values[] = { VALUE_C(ctl->args[0]), ctl_subject(ctl),
		VALUE_C(is_admin ? "true" : "false"), VALUE(ctl_operator_name(ctl->arena)),
		value_or_null(str_c(ctl_option(ctl, "--reason"))) };
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena,
			"SELECT id, coalesce(email, 'no email'), changed FROM tenantd.operator_user_admin($1, $2, $3, $4, $5)",
			values, COUNT_OF(values), &rows, &err))
		return ctl_fail(&err);
	bool changed = str_eq(rows_value(&rows, 0, 2, NULL), STR("t"));
	printf("user %.*s (%.*s) %s %s\n", STR_ARG(rows_value(&rows, 0, 0, NULL)),
		STR_ARG(ctl_clean(ctl->arena, rows_value(&rows, 0, 1, NULL))),
		is_admin ? "is a system administrator" : "is no system administrator",
		changed ? (is_admin ? "now" : "any more") : "as before");
	return CTL_OK;
}

enum ctl_status ctl_user_grant(struct ctl *ctl)
{
	return set_admin(ctl, true);
}

enum ctl_status ctl_user_revoke(struct ctl *ctl)
{
	return set_admin(ctl, false);
}
