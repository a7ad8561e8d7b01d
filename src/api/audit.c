/* /v1/audit: what was done in the caller's tenant, newest first. */
#include "service/audit.h"
#include "api/handlers.h"

bool api_audit_list(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	static const struct str names[] = { STR("action"), STR("actor"), STR("object"), STR("since"),
		STR("until"), STR("limit"), STR("cursor") };
	struct page page;
	struct audit_filter filter;
	struct str *values[] = { &filter.action, &filter.actor, &filter.object, &filter.since, &filter.until };
	struct str array, next;
	if (!call_query(call, names, COUNT_OF(names), err) || !call_page(ctx, call, &page, err))
		return false;
	for (size_t i = 0; i < COUNT_OF(values); i++)
		request_query(call->request, names[i], values[i]);
	if (!audit_show(ctx, &page, &filter, &array, &next, err))
		return false;
	call_answer_page(call, res, array, next);
	return true;
}
