/* The database's function decides what happens; this file calls it and counts the outcomes. */
#include "service/bootstrap.h"

#include "core/metrics.h"
#include "repo/verbs.h"

static enum counter failure_counter(enum error_code code)
{
	switch (error_info(code)->status / 100) {
	case 4:
		return code == ERR_INVALID_REQUEST ? COUNT_BOOTSTRAP_INVALID : COUNT_BOOTSTRAP_REFUSED;
	default:
		return COUNT_BOOTSTRAP_UNAVAILABLE;
	}
}

bool bootstrap(
	const struct context *ctx, const struct remembered *remembered, struct str *json, struct error *err)
{
	struct rows rows;
	if (!verb_run(ctx, &identity_bootstrap, NULL, 0, remembered, &rows, err)) {
		metrics_count(failure_counter(err->code));
		return false;
	}
	bool is_new = str_eq(rows_value(&rows, 0, 1, NULL), STR("t"));
	metrics_count(is_new ? COUNT_TENANTS_CREATED : COUNT_TENANTS_REUSED);
	*json = rows_value(&rows, 0, 0, NULL);
	return true;
}
