/* tenantctl cutover: which clients still name their tenant by a header, and the operator's word that it may be switched
 * off all the same (db/functions/cutover.sql). */
#include "ctl.h"

#include <stdio.h>

enum { ENV, ISSUER, CLIENT, USE, LAST, DAYS, MINUTES, STOPS, WHOLE };

#define LEDGER                                                                                                    \
	"SELECT env, issuer, client, use, to_char(last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), days, minutes, " \
	"stops, row_to_json(c) FROM tenantd.operator_cutover() c WHERE $1::tenantd.env IS NULL OR env = $1"

static void print_clients(struct arena *a, const struct rows *rows)
{
	size_t stopping = 0;
	if (rows->count > 0)
		printf("%-7s  %-12s  %-16s  %5s  %7s  %-6s  %s\n", "env", "use", "last (UTC)", "days", "minutes",
			"stops", "issuer and client");
	for (size_t i = 0; i < rows->count; i++) {
		bool stops = str_eq(rows_value(rows, i, STOPS, NULL), STR("t"));
		struct str client = rows_value(rows, i, CLIENT, NULL);
		stopping += stops;
		printf("%-7.*s  %-12.*s  %-16.*s  %5.*s  %7.*s  %-6s  %.*s %.*s\n",
			STR_ARG(rows_value(rows, i, ENV, NULL)), STR_ARG(rows_value(rows, i, USE, NULL)),
			STR_ARG(rows_value(rows, i, LAST, NULL)), STR_ARG(rows_value(rows, i, DAYS, NULL)),
			STR_ARG(rows_value(rows, i, MINUTES, NULL)), stops ? "yes" : "no",
			STR_ARG(ctl_clean(a, rows_value(rows, i, ISSUER, NULL))),
			STR_ARG(str_is_empty(client) ? STR("(not said)") : ctl_clean(a, client)));
	}
	if (stopping == 0)
		printf("header_fallback may be off\n");
	else
		printf("header_fallback may not be off: %zu of these need the header\n", stopping);
}

enum ctl_status ctl_cutover(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	struct value env;
	if (!ctl_env(ctl, &env))
		return CTL_USAGE;
	if (!ctl_connect(ctl, &err) || !db_query(ctl->db, ctl->arena, LEDGER, &env, 1, &rows, &err))
		return ctl_fail(&err);
	if (ctl_option(ctl, "--json"))
		ctl_print_json_rows(&rows, WHOLE);
	else
		print_clients(ctl->arena, &rows);
	return CTL_OK;
}

enum ctl_status ctl_cutover_force(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	struct value values[3] = { VALUE_NULL, VALUE_C(ctl_option(ctl, "--reason")),
		VALUE(ctl_operator_name(ctl->arena)) };
	if (!ctl_env(ctl, &values[0]))
		return CTL_USAGE;
	if (str_is_empty(values[1].text) || str_has_control(values[1].text))
		return ctl_misused(ctl, "--reason wants a line of text");
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena, "SELECT tenantd.operator_cutover_force($1::tenantd.env, $2, $3)",
			values, COUNT_OF(values), &rows, &err))
		return ctl_fail(&err);
	for (size_t i = 0; i < rows.count; i++)
		printf("%.*s: header_fallback may be off\n", STR_ARG(rows_value(&rows, i, 0, NULL)));
	return CTL_OK;
}
