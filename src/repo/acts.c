/* The acts that cross tenants, as calls of the database's named functions. */
#include "repo/acts.h"

static const struct statement bootstrap = {
	"bootstrap",
	"SELECT row_to_json(b), b.created FROM tenantd.bootstrap() b",
};

static const struct statement me = {
	"me",
	"SELECT tenantd.me()",
};

static bool act(const struct context *ctx, const struct statement *s, struct rows *rows, struct error *err)
{
	const struct step step = { .statement = s };
	return tx_run(ctx, &step, 1, rows, err);
}

bool act_bootstrap(const struct context *ctx, struct str *json, bool *created, struct error *err)
{
	struct rows rows;
	if (!act(ctx, &bootstrap, &rows, err))
		return false;
	*json = rows_value(&rows, 0, 0, NULL);
	*created = str_eq(rows_value(&rows, 0, 1, NULL), STR("t"));
	return true;
}

bool act_me(const struct context *ctx, struct str *json, struct error *err)
{
	struct rows rows;
	if (!act(ctx, &me, &rows, err))
		return false;
	*json = rows_value(&rows, 0, 0, NULL);
	return true;
}
