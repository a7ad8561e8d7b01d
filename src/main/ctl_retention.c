/* tenantctl retention: removes what has served its time, and says for how long a tenant's audit rows are kept. */
#include "chain.h"

#include "repo/envs.h"

#include <stdio.h>

enum { LOG, DAYS, KEEP_FROM, ROWS };

/* The logs of which rows have served their time. */
static bool find_due(struct ctl *ctl, struct rows *due, struct error *err)
{
	char days[STR_INT];
	struct str text = str_of_int(ctl->config.governance.audit_days, days);
	const struct value values[] = { ctl->config.governance.audit_days > 0 ? VALUE(text) : VALUE_NULL };
	return db_query(ctl->db, ctl->arena,
		"SELECT log, kept_days, keep_from, rows FROM tenantd.retention_audit($1)", values, COUNT_OF(values),
		due, err);
}

/* Rows that nothing covers yet cannot go. So there is first a checkpoint of each log from which rows are to go, which says that, too. */
static bool expire_audit(struct ctl *ctl, bool is_dry, struct error *err)
{
	struct rows due;
	bool made;
	if (!find_due(ctl, &due, err))
		return false;
	for (size_t i = 0; i < due.count; i++) {
		struct str log = rows_value(&due, i, LOG, NULL);
		if (is_dry)
			printf("%.*s up to %.*s audit rows, older than %.*s days\n", STR_ARG(log),
				STR_ARG(rows_value(&due, i, ROWS, NULL)), STR_ARG(rows_value(&due, i, DAYS, NULL)));
		else if (!chain_make(ctl, log, rows_value(&due, i, KEEP_FROM, NULL), &made, err))
			return false;
	}
	return true;
}

static bool expire_rest(struct ctl *ctl, bool is_dry, struct error *err)
{
	struct rows rows;
	const struct value values[] = { VALUE_C(is_dry ? "true" : "false"),
		VALUE(envs_served(ctl->arena, &ctl->config)),
		VALUE(arena_printf(ctl->arena, "%lld s", (long long)ctl->config.mail.keep)),
		VALUE(ctl_operator_name(ctl->arena)) };
	if (!db_query(ctl->db, ctl->arena,
			"SELECT what, rows FROM tenantd.retention_rest($1, $2::tenantd.env[], $3::interval, $4)", values,
			COUNT_OF(values), &rows, err))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		printf("%.*s rows of %.*s\n", STR_ARG(rows_value(&rows, i, 1, NULL)),
			STR_ARG(rows_value(&rows, i, 0, NULL)));
	return true;
}

enum ctl_status ctl_retention_run(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	bool is_dry = ctl_option(ctl, "--dry-run") != NULL;
	if (!ctl_connect(ctl, &err) || !expire_audit(ctl, is_dry, &err) || !expire_rest(ctl, is_dry, &err))
		return ctl_fail(&err);
	if (is_dry)
		puts("nothing was removed");
	return CTL_OK;
}

enum ctl_status ctl_retention_set(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	int64_t days = 0;
	struct str given = str_c(ctl->args[1]);
	bool is_default = str_eq(given, STR("default"));
	if (!is_default && (!str_to_int64(given, &days) || days < 1 || days > LIMIT_AUDIT_DAYS))
		return ctl_misused(ctl, "DAYS is a number from 1 to %d, or 'default'", LIMIT_AUDIT_DAYS);
	struct value values[4] = { VALUE_C(ctl->args[0]), VALUE_NULL, is_default ? VALUE_NULL : VALUE(given),
		VALUE(ctl_operator_name(ctl->arena)) };
	if (!ctl_env(ctl, &values[1]))
		return CTL_USAGE;
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena,
			"SELECT id, slug FROM tenantd.operator_tenant_audit_days($1, $2::tenantd.env, $3, $4)", values,
			COUNT_OF(values), &rows, &err))
		return ctl_fail(&err);
	printf("the audit rows of tenant '%.*s' (%.*s) are kept %s\n", STR_ARG(rows_value(&rows, 0, 1, NULL)),
		STR_ARG(rows_value(&rows, 0, 0, NULL)),
		is_default ? "as [governance] audit_days says"
				   : arena_printf(ctl->arena, "%s days", ctl->args[1]).at);
	return CTL_OK;
}
