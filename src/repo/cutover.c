/* Asks the ledger of clients that name their tenant by a header. Only repo/tx.c writes into it. */
#include "repo/cutover.h"

#include "core/buf.h"

static const char clients[] = "SELECT tenantd.header_clients($1::tenantd.env[])";

bool cutover_is_allowed(struct db *db, struct arena *a, const struct config *config, struct error *err)
{
	struct rows rows;
	struct buf envs;
	if (config->tenancy.header_fallback != FALLBACK_OFF)
		return true;
	buf_init(&envs, a, 64);
	for (enum env e = ENV_DEV; e < ENV_COUNT; e++)
		if (config->tenancy.env_allowed[e])
			buf_add_item(&envs, ",", str_c(env_name(e)));
	struct value value = VALUE(arena_printf(a, "{%.*s}", STR_ARG(buf_str(&envs))));
	if (!db_query(db, a, clients, &value, 1, &rows, err))
		return false;
	struct str count = rows_value(&rows, 0, 0, NULL);
	return str_eq(count, STR("0")) ||
		error_log(err, ERR_UNAVAILABLE,
			"[tenancy] header_fallback = off: %.*s clients named their tenant by a header alone within the last 7 "
			"days and would be refused; tenantctl cutover lists them, and tenantctl cutover force allows it",
			STR_ARG(count));
}
