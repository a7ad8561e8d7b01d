/*
 * tenantctl backfill metadata: brings the users of an identity provider into their tenants, once, by hand. Each membership is
 * a transaction of its own, so that a run that was interrupted is simply run again. Must never change what is there:
 * db/functions/backfill.sql only adds.
 */
#include "backfill.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { OUTCOME, TENANT_ID, ROLE, STATUS, MADE_USER, MADE_TENANT };
#define FILL                                                                                                 \
	"SELECT outcome, tenant_id, role, status, made_user, made_tenant FROM tenantd.backfill_member("          \
	"$1, $2, $3, $4, $5, $6, $7::tenantd.env, $8::tenantd.role, $9, $10)"

static bool is_true(const struct rows *rows, size_t column)
{
	return str_eq(rows_value(rows, 0, column, NULL), STR("t"));
}

static enum backfill_outcome outcome_of(struct str word)
{
	for (enum backfill_outcome o = 0; o < BACKFILL_OUTCOME_COUNT; o++)
		if (str_eq(word, str_c(backfill_outcome_word(o))))
			return o;
	BUG("the database answers an outcome that is not in the table");
}

/* `a` is for what the database answers; only what is needed later is copied out of it. */
static bool fill(
	struct backfill *b, struct arena *a, struct str operator, struct backfill_want * want, struct error *err)
{
	struct backfill_user *u = want->user;
	bool may_found = ctl_option(b->ctl, "--create-tenants") != NULL;
	struct rows rows;
	struct value values[] = { VALUE(b->issuer->issuer), VALUE(u->subject), value_or_null(u->email),
		VALUE_C(u->is_verified ? "true" : "false"), value_or_null(u->name), VALUE(want->tenant),
		VALUE(want->env), VALUE(want->role), VALUE_C(may_found ? "true" : "false"), VALUE(operator) };
	arena_reset(a);
	if (!db_query(b->ctl->db, a, FILL, values, COUNT_OF(values), &rows, err))
		return false;
	want->outcome = outcome_of(rows_value(&rows, 0, OUTCOME, NULL));
	want->tenant_id = arena_str(b->ctl->arena, rows_value(&rows, 0, TENANT_ID, NULL));
	want->is_active = str_eq(rows_value(&rows, 0, STATUS, NULL), STR("active"));
	want->made_tenant = is_true(&rows, MADE_TENANT);
	u->was_made = u->was_made || is_true(&rows, MADE_USER);
	if (want->outcome == BACKFILL_KEPT)
		want->has = arena_printf(b->ctl->arena, "%.*s, %.*s", STR_ARG(rows_value(&rows, 0, ROLE, NULL)),
			STR_ARG(rows_value(&rows, 0, STATUS, NULL)));
	return true;
}

/* ---- the order: tenant by tenant, in each the owners first, for they found it ---- */

static int compare(struct str a, struct str b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_tenants(const struct backfill_want *a, const struct backfill_want *b)
{
	int order = compare(a->env, b->env);
	return order != 0 ? order : compare(a->tenant, b->tenant);
}

static int compare_wants(const void *one, const void *other)
{
	const struct backfill_want *a = *(struct backfill_want *const *)one,
							   *b = *(struct backfill_want *const *)other;
	int order = compare_tenants(a, b);
	if (order == 0)
		order = str_eq(b->role, STR("owner")) - str_eq(a->role, STR("owner"));
	return order != 0 ? order : (a > b) - (a < b);
}

/* Those that were not refused before. */
static struct backfill_want **in_order(const struct backfill *b, size_t *count)
{
	struct backfill_want **order = ARENA_ARRAY(b->ctl->arena, struct backfill_want *, b->want_count);
	*count = 0;
	for (size_t i = 0; i < b->want_count; i++)
		if (b->wants[i].user)
			order[(*count)++] = &b->wants[i];
	if (*count > 0)
		qsort(order, *count, sizeof(struct backfill_want *), compare_wants);
	return order;
}

/* Begins or ends a transaction of a dry run: one for each tenant, so that its locks are held for a short time. */
static bool say(struct backfill *b, struct str sql, struct error *err)
{
	return !b->is_dry || db_script(b->ctl->db, b->ctl->arena, sql, NULL, err);
}

static bool fill_in_order(struct backfill *b, struct arena *scratch, struct error *err)
{
	size_t count;
	struct backfill_want **order = in_order(b, &count);
	struct str operator= ctl_operator_name(b->ctl->arena);
	for (size_t i = 0; i < count; i++) {
		bool is_first = i == 0 || compare_tenants(order[i - 1], order[i]) != 0;
		bool is_last = i + 1 == count || compare_tenants(order[i], order[i + 1]) != 0;
		if (is_first && !say(b, STR("BEGIN"), err))
			return false;
		if (!fill(b, scratch, operator, order[i], err)) {
			fprintf(stderr,
				"tenantctl: stopped at '%.*s' in '%.*s': what was done before stays; run it again to go on\n",
				STR_ARG(ctl_clean(b->ctl->arena, order[i]->who)),
				STR_ARG(ctl_clean(b->ctl->arena, order[i]->tenant)));
			return false;
		}
		if (is_last && !say(b, STR("SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK"), err))
			return false;
	}
	return true;
}

static bool fill_all(struct backfill *b, struct error *err)
{
	struct arena *scratch = arena_new(LIMIT_REQUEST_POOL);
	bool ok = fill_in_order(b, scratch, err);
	arena_free(scratch);
	return ok;
}

/* Of the memberships of a user, the provider is told the first one in the order of the file. */
static void choose_what_to_tell(struct backfill *b)
{
	for (size_t i = 0; i < b->want_count; i++) {
		struct backfill_user *u = b->wants[i].user;
		if (!u || !b->wants[i].is_active)
			continue;
		if (!u->told)
			u->told = &b->wants[i];
		else
			u->has_more = u->has_more || !str_eq(u->told->tenant_id, b->wants[i].tenant_id);
	}
}

enum ctl_status ctl_backfill_metadata(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct value env;
	const char *mapping = ctl_option(ctl, "--mapping"), *out = ctl_option(ctl, "--out");
	struct str form = str_c(ctl_option(ctl, "--format"));
	struct backfill b = { .ctl = ctl,
		.tenant_path = str_c(ctl_option(ctl, "--tenant-path")),
		.role_path = str_c(ctl_option(ctl, "--role-path")),
		.is_dry = ctl_option(ctl, "--dry-run") != NULL };
	if (!ctl_env(ctl, &env))
		return CTL_USAGE;
	if ((mapping != NULL) == !str_is_empty(b.tenant_path))
		return ctl_misused(ctl, "the tenants come from --mapping or from --tenant-path");
	if (mapping && !str_is_empty(b.role_path))
		return ctl_misused(ctl, "with --mapping, the roles are in its column role");
	if (out && b.is_dry)
		return ctl_misused(ctl, "a dry run makes no tenants that the file of --out could name");
	if (out && access(out, F_OK) == 0)
		return ctl_misused(ctl, "'%s' is there already", out);
	if (!out != str_is_empty(form))
		return ctl_misused(ctl, "--out and --format, supabase or json, belong together");
	if (!ctl_connect(ctl, &err) || !ctl_find_issuer(ctl, ctl_option(ctl, "--issuer"), &b.issuer, &err) ||
		!backfill_read_export(&b, ctl->args[0], &err) || !backfill_read_wants(&b, mapping, &err) ||
		(out && !backfill_can_tell(&b, form, &err)) || !fill_all(&b, &err))
		return ctl_fail(&err);
	choose_what_to_tell(&b);
	if (out && !backfill_tell(&b, form, out, &err))
		return ctl_fail(&err);
	return backfill_report(&b, ctl_option(ctl, "--json") != NULL);
}
