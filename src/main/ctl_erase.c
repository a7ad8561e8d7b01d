/*
 * tenantctl tenant erase and user erase, and the receipts that they leave. The erasure of a tenant removes a few thousand
 * rows at a time, so that others wait for a moment only, and goes on where it was when it is called again. That of a
 * person is one transaction.
 */
#include "archive.h"

#include "crypto/statement.h"

#include <stdio.h>

enum { BATCH = 10000 }; /* rows that are removed in a transaction */

/* Signs the receipt of an erasure, keeps the signature, and prints both. */
static bool keep_receipt(
	struct ctl *ctl, struct str erasure, struct str receipt, struct str *compact, struct error *err)
{
	return statement_sign(ctl->arena, &ctl->config, receipt, compact, err) &&
		ASK(ctl, NULL, err, "SELECT tenantd.erasure_sign($1, $2)", VALUE(erasure), VALUE(*compact));
}

static void print_receipt(struct str receipt, struct str compact)
{
	printf("%.*s\n%.*s\n", STR_ARG(receipt), STR_ARG(compact));
}

struct erasure {
	struct ctl *ctl;
	struct archive_tenant tenant;
	struct str id; /* of the erasure */
};

static bool enter(const struct erasure *e, struct error *err)
{
	return archive_script(e->ctl, "BEGIN", err) &&
		archive_enter(e->ctl, "tenant erase", e->tenant.id, e->tenant.env, err);
}

/* Removes rows of a table, and counts them. */
static bool remove_rows(const struct erasure *e, struct str name, struct str relation, bool is_whole,
	int64_t *removed, struct error *err)
{
	struct ctl *ctl = e->ctl;
	struct rows rows;
	if (!archive_script(ctl, AS_OWNER, err) ||
		!ASK(ctl, &rows, err, "SELECT tenantd.archive_remove($1::regclass, $2, $3)", VALUE(relation),
			VALUE(arena_printf(ctl->arena, "%d", BATCH)), VALUE_C(is_whole ? "true" : "false")))
		return false;
	if (!str_to_int64(cell(&rows, 0, 0), removed))
		BUG("archive_remove answered no number");
	return archive_script(ctl, AS_MIGRATOR, err) &&
		ASK(ctl, NULL, err, "SELECT tenantd.erasure_count($1, $2, $3)", VALUE(e->id), VALUE(name),
			VALUE(cell(&rows, 0, 0)));
}

/* Removes a table's rows a batch at a time, each in a transaction of its own. */
static bool empty_table(
	const struct erasure *e, struct str name, struct str relation, bool is_whole, struct error *err)
{
	int64_t removed;
	do {
		if (!enter(e, err) || !remove_rows(e, name, relation, is_whole, &removed, err) ||
			!archive_script(e->ctl, "COMMIT", err))
			return false;
	} while (!is_whole && removed == BATCH);
	return true;
}

/* The last transaction: it removes what came in the meantime, and the tenant itself. Nobody can add anything while it runs. */
static bool end_erasure(const struct erasure *e, const struct rows *tables, struct error *err)
{
	struct ctl *ctl = e->ctl;
	struct rows rows;
	struct str compact;
	int64_t removed;
	if (!enter(e, err) || !archive_script(ctl, "SELECT tenantd.archive_lock()", err))
		return false;
	for (size_t i = 0; i < tables->count; i++)
		if (!remove_rows(e, cell(tables, i, 0), cell(tables, i, 1), true, &removed, err))
			return false;
	if (!archive_script(ctl, AS_OWNER "; SELECT tenantd.archive_demand_nothing(); " AS_MIGRATOR, err) ||
		!ASK(ctl, &rows, err, "SELECT tenantd.erasure_end($1, $2)", VALUE(e->id), archive_label(ctl)) ||
		!keep_receipt(ctl, e->id, cell(&rows, 0, 0), &compact, err) || !archive_script(ctl, "COMMIT", err))
		return false;
	print_receipt(cell(&rows, 0, 0), compact);
	return true;
}

static bool erase_tenant(struct erasure *e, struct error *err)
{
	struct ctl *ctl = e->ctl;
	struct rows rows, tables;
	if (!ASK(
			ctl, &rows, err, "SELECT tenantd.erasure_begin($1, $2)", VALUE(e->tenant.id), archive_label(ctl)))
		return false;
	e->id = cell(&rows, 0, 0);
	if (!LIST(ctl, &tables, err,
			"SELECT name, relation, refers_to_itself FROM tenantd.archive_tables() ORDER BY place DESC"))
		return false;
	size_t but_the_tenant = tables.count - 1; /* by whose row it is found again */
	for (size_t i = 0; i < but_the_tenant; i++)
		if (!empty_table(
				e, cell(&tables, i, 0), cell(&tables, i, 1), str_eq(cell(&tables, i, 2), STR("t")), err))
			return false;
	return end_erasure(e, &tables, err);
}

/* Prints what there is to erase. */
static bool foretell(struct erasure *e, struct error *err)
{
	struct rows counts;
	if (!ASK(e->ctl, NULL, err, "SELECT tenantd.erasure_begin($1, $2)", VALUE(e->tenant.id),
			archive_label(e->ctl)) ||
		!archive_script(e->ctl, AS_OWNER, err) ||
		!LIST(e->ctl, &counts, err, "SELECT name, rows FROM tenantd.archive_counts() WHERE rows > 0"))
		return false;
	for (size_t i = 0; i < counts.count; i++)
		printf("%10.*s  %.*s\n", STR_ARG(cell(&counts, i, 1)), STR_ARG(cell(&counts, i, 0)));
	printf("nothing was erased; to erase tenant '%.*s' in %.*s for good: --confirm %.*s\n",
		STR_ARG(e->tenant.slug), STR_ARG(e->tenant.env), STR_ARG(e->tenant.slug));
	return true;
}

enum ctl_status ctl_tenant_erase(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct erasure e = { .ctl = ctl };
	struct value env;
	const char *confirmed = ctl_option(ctl, "--confirm");
	struct str probe;
	if (!ctl_env(ctl, &env))
		return CTL_USAGE;
	if (!ctl_connect(ctl, &err) || !statement_sign(ctl->arena, &ctl->config, STR("{}"), &probe, &err) ||
		!archive_script(ctl, "BEGIN", &err) ||
		!archive_find_tenant(ctl, "tenant erase", &env, &e.tenant, &err))
		return ctl_fail(&err);
	if (confirmed && !str_eq(str_c(confirmed), e.tenant.slug)) {
		error_log(
			&err, ERR_CONFLICT, "--confirm wants the slug of this tenant: %.*s", STR_ARG(e.tenant.slug));
		return ctl_fail(&err);
	}
	bool ok = confirmed ? archive_script(ctl, "COMMIT", &err) && erase_tenant(&e, &err)
						: foretell(&e, &err) && archive_script(ctl, "ROLLBACK", &err);
	return ok ? CTL_OK : ctl_fail(&err);
}

/* Removes the rows of a tenant that only this person sees, and counts them. */
static bool remove_private(struct ctl *ctl, struct str user, struct str erasure, struct error *err)
{
	struct rows removed;
	if (!archive_script(ctl, AS_OWNER, err) ||
		!ASK(ctl, &removed, err, "SELECT name, removed FROM tenantd.archive_remove_private($1)",
			VALUE(user)) ||
		!archive_script(ctl, AS_MIGRATOR, err))
		return false;
	for (size_t i = 0; i < removed.count; i++)
		if (!ASK(ctl, NULL, err, "SELECT tenantd.erasure_count($1, $2, $3)", VALUE(erasure),
				VALUE(cell(&removed, i, 0)), VALUE(cell(&removed, i, 1))))
			return false;
	return true;
}

static bool remove_private_everywhere(struct ctl *ctl, struct str user, struct str erasure, struct error *err)
{
	struct rows tenants;
	if (!ASK(ctl, &tenants, err, "SELECT tenant, env FROM tenantd.archive_tenants_of($1)", VALUE(user)))
		return false;
	for (size_t i = 0; i < tenants.count; i++)
		if (!archive_enter(ctl, "user erase", cell(&tenants, i, 0), cell(&tenants, i, 1), err) ||
			!remove_private(ctl, user, erasure, err))
			return false;
	return true;
}

static bool erase_user(struct ctl *ctl, bool is_sure, struct error *err)
{
	struct rows user, rows;
	struct str compact;
	if (!archive_script(ctl, "BEGIN", err) ||
		!ASK(ctl, &user, err, "SELECT id, erasure FROM tenantd.erasure_of_user($1, $2, $3)",
			VALUE_C(ctl->args[0]), ctl_subject(ctl), archive_label(ctl)) ||
		!remove_private_everywhere(ctl, cell(&user, 0, 0), cell(&user, 0, 1), err) ||
		!ASK(ctl, &rows, err, "SELECT tenantd.erasure_of_user_end($1, $2)", VALUE(cell(&user, 0, 1)),
			archive_label(ctl)) ||
		!keep_receipt(ctl, cell(&user, 0, 1), cell(&rows, 0, 0), &compact, err) ||
		!archive_script(ctl, is_sure ? "COMMIT" : "SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK", err))
		return false;
	if (is_sure)
		print_receipt(cell(&rows, 0, 0), compact);
	else
		printf("%.*s\nnothing was erased; to erase user %.*s for good: --confirm %.*s\n",
			STR_ARG(cell(&rows, 0, 0)), STR_ARG(cell(&user, 0, 0)), STR_ARG(cell(&user, 0, 0)));
	return true;
}

enum ctl_status ctl_user_erase(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows user;
	const char *confirmed = ctl_option(ctl, "--confirm");
	if (!ctl_connect(ctl, &err) ||
		!ASK(ctl, &user, &err, "SELECT s ->> 'id' FROM tenantd.operator_user_show($1, $2) s",
			VALUE_C(ctl->args[0]), ctl_subject(ctl)))
		return ctl_fail(&err);
	if (confirmed && (user.count == 0 || !str_eq(cell(&user, 0, 0), str_c(confirmed)))) {
		error_log(&err, ERR_CONFLICT, "--confirm wants the id of this user");
		return ctl_fail(&err);
	}
	return erase_user(ctl, confirmed != NULL, &err) ? CTL_OK : ctl_fail(&err);
}

/* ---- receipts ---- */

enum { ID, KIND, ERASED, ENV, ENDED, SHOWN };

enum ctl_status ctl_erasure_list(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	int64_t limit = LIMIT_PAGE_DEFAULT;
	if (!ctl_limit(ctl, "receipts", &limit))
		return CTL_USAGE;
	if (!ctl_connect(ctl, &err) ||
		!ASK(ctl, &rows, &err,
			"SELECT id, kind, erased, env, to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), shown FROM "
			"tenantd.erasure_list($1)",
			VALUE(arena_printf(ctl->arena, "%lld", (long long)limit))))
		return ctl_fail(&err);
	if (ctl_option(ctl, "--json")) {
		ctl_print_json_rows(&rows, SHOWN);
		return CTL_OK;
	}
	printf("%-6s  %-36s  %-7s  %s\n", "what", "id", "env", "erased (UTC)");
	for (size_t i = 0; i < rows.count; i++)
		printf("%-6.*s  %-36.*s  %-7.*s  %s%.*s\n", STR_ARG(cell(&rows, i, KIND)),
			STR_ARG(cell(&rows, i, ERASED)), STR_ARG(cell(&rows, i, ENV)),
			str_is_empty(cell(&rows, i, ENDED)) ? "goes on" : "", STR_ARG(cell(&rows, i, ENDED)));
	return CTL_OK;
}

enum ctl_status ctl_statement_check(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct str compact, jwks, json;
	if (!config_read_file(ctl->arena, "FILE", str_c(ctl->args[0]), LIMIT_TOKEN, false, &compact, &err) ||
		!config_read_file(
			ctl->arena, "--keys", str_c(ctl_option(ctl, "--keys")), LIMIT_KEY_FILE, false, &jwks, &err) ||
		!statement_verify(ctl->arena, jwks, str_trim(compact), &json, &err))
		return ctl_fail(&err);
	printf("%.*s\n", STR_ARG(json));
	return CTL_OK;
}
