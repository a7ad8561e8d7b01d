/* /v1/tenant and /v1/onboarding: the caller's tenant. */
#include "service/tenant.h"
#include "api/handlers.h"

bool api_tenant_get(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	if (!call_query(call, NULL, 0, err) || !tenant_show(ctx, &json, err))
		return false;
	response_json(res, 200, json);
	return true;
}

bool api_tenant_patch(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	const struct json *changes;
	if (!call_query(call, NULL, 0, err) || !call_object(ctx, call, &changes, err) ||
		!tenant_change(ctx, changes, &json, err))
		return false;
	response_json(res, 200, json);
	return true;
}

bool api_onboarding_get(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	if (!call_query(call, NULL, 0, err) || !onboarding_show(ctx, &json, err))
		return false;
	response_json(res, 200, json);
	return true;
}

bool api_onboarding_complete(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	const struct json *fields;
	if (!call_query(call, NULL, 0, err) || !call_object(ctx, call, &fields, err) ||
		!onboarding_complete(ctx, fields, &json, err))
		return false;
	response_json(res, 200, json);
	return true;
}
