/* Identity. What may happen is decided in the database's functions; here it is counted. */
#include "service/bootstrap.h"

#include "core/metrics.h"
#include "repo/acts.h"

static enum counter failure_counter(enum error_code code)
{
	switch (error_info(code)->status / 100) {
	case 4:
		return code == ERR_INVALID_REQUEST ? COUNT_BOOTSTRAP_INVALID : COUNT_BOOTSTRAP_REFUSED;
	default:
		return COUNT_BOOTSTRAP_UNAVAILABLE;
	}
}

bool bootstrap(const struct context *ctx, struct str *json, struct error *err)
{
	bool created;
	if (!act_bootstrap(ctx, json, &created, err)) {
		metrics_count(failure_counter(err->code));
		return false;
	}
	metrics_count(created ? COUNT_TENANTS_CREATED : COUNT_TENANTS_REUSED);
	return true;
}

bool who_am_i(const struct context *ctx, struct str *json, struct error *err)
{
	return act_me(ctx, json, err);
}
