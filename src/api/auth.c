/* /v1/auth: the caller's identity. */
#include "api/handlers.h"
#include "service/bootstrap.h"

bool api_bootstrap(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	if (!call_no_body(ctx, call, err) || !call_query(call, NULL, 0, err) || !bootstrap(ctx, &json, err))
		return false;
	response_json(res, 200, json);
	return true;
}

bool api_me(const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	if (!call_query(call, NULL, 0, err) || !who_am_i(ctx, &json, err))
		return false;
	response_json(res, 200, json);
	return true;
}
