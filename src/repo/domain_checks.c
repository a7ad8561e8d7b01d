/* The calls of the check of domains. */
#include "repo/domains.h"
#include "repo/envs.h"

#include "core/limits.h"

bool domains_due(struct db *db, struct arena *a, const struct config *c, struct due_domain due[DOMAINS_TAKEN],
	size_t *count, struct error *err)
{
	struct rows rows;
	const struct value values[] = { VALUE(envs_served(a, c)), VALUE(arena_printf(a, "%d", DOMAINS_TAKEN)),
		VALUE(arena_printf(a, "%d s", LIMIT_DOMAIN_LEASE_S)) };
	if (!db_query(db, a,
			"SELECT tenant_id, id, name, challenge FROM tenantd.due_domains($1::tenantd.env[], $2, $3)",
			values, COUNT_OF(values), &rows, err))
		return false;
	for (*count = 0; *count < rows.count; ++*count) {
		struct due_domain *d = &due[*count];
		if (*count == DOMAINS_TAKEN || !uuid_parse(rows_value(&rows, *count, 0, NULL), &d->tenant) ||
			!uuid_parse(rows_value(&rows, *count, 1, NULL), &d->id))
			return error_log(err, ERR_INTERNAL, "the database gave too many domains, or one without an id");
		d->name = rows_value(&rows, *count, 2, NULL);
		d->challenge = rows_value(&rows, *count, 3, NULL);
	}
	return true;
}

bool domain_checked(struct db *db, struct arena *a, const struct due_domain *d, enum domain_record record,
	struct str why, struct str *status, struct error *err)
{
	static const char *const is_there[] = { "true", "false", "" };
	struct rows rows;
	const struct value values[] = { VALUE_C(d->tenant.text), VALUE_C(d->id.text),
		value_or_null(str_c(is_there[record])), value_or_null(why) };
	if (!db_query(
			db, a, "SELECT tenantd.domain_checked($1, $2, $3, $4)", values, COUNT_OF(values), &rows, err))
		return false;
	*status = rows.count > 0 ? rows_value(&rows, 0, 0, NULL) : STR("");
	return true;
}
