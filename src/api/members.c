/* /v1/members: who belongs to the caller's tenant. */
#include "api/handlers.h"
#include "service/member.h"

bool api_member_list(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	static const struct str names[] = { STR("role"), STR("status"), STR("limit"), STR("cursor") };
	struct page page;
	struct str role, status, array, next;
	if (!call_query(call, names, COUNT_OF(names), err) || !call_page(ctx, call, &page, err))
		return false;
	request_query(call->request, STR("role"), &role);
	request_query(call->request, STR("status"), &status);
	if (!member_list(ctx, &page, role, status, &array, &next, err))
		return false;
	call_answer_page(call, res, array, next);
	return true;
}

bool api_member_get(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	if (!call_query(call, NULL, 0, err) || !member_show(ctx, call->params[0], &json, err))
		return false;
	response_json(res, 200, json);
	return true;
}

bool api_member_patch(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	struct str json;
	const struct json *changes;
	if (!call_query(call, NULL, 0, err) || !call_object(ctx, call, &changes, err) ||
		!member_change(ctx, call->params[0], changes, &json, err))
		return false;
	response_json(res, 200, json);
	return true;
}

bool api_member_delete(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	if (!call_query(call, NULL, 0, err) || !call_no_body(ctx, call, err) ||
		!member_remove(ctx, call->params[0], err))
		return false;
	response_empty(res, 204);
	return true;
}

bool api_member_leave(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	if (!call_query(call, NULL, 0, err) || !call_no_body(ctx, call, err) || !member_leave(ctx, err))
		return false;
	response_empty(res, 204);
	return true;
}
