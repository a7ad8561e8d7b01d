/*
 * Looks up the guard of a route whose least role is LEAST_RESOURCE. Called after the token was verified, so that a
 * stranger cannot ask which resources there are; what it answers goes into the proof like any route's own guard, and
 * the policies of the table demand the same once more.
 */
#include "app/resource_guard.h"

#include "resource/catalog.h"

static enum least stronger(enum least a, enum least b)
{
	return a > b ? a : b;
}

static enum least least_of(const struct resource *r, enum method method)
{
	switch (method) {
	case METHOD_GET:
	case METHOD_HEAD:
		return r->least[OPERATION_READ];
	case METHOD_POST:
		return r->least[OPERATION_CREATE];
	case METHOD_PATCH:
		return r->least[OPERATION_UPDATE];
	case METHOD_PUT:
		return stronger(r->least[OPERATION_CREATE], r->least[OPERATION_UPDATE]);
	case METHOD_DELETE:
		return r->least[OPERATION_DELETE];
	default:
		return LEAST_CLOSED;
	}
}

bool resource_guard(const struct context *ctx, const struct call *call, struct guard *guard,
	struct str *allow, struct error *err)
{
	enum { COLLECTION = 3, ROW, ACTION }; /* segments of /v1/data/… */
	const struct request *req = call->request;
	size_t depth = req->path.segment_count;
	const struct resource *r = catalog_find(ctx->catalog, call->params[0]);
	if (!r)
		return error_set(err, ERR_NOT_FOUND, "there is no such resource");
	if (req->method == METHOD_POST && depth > COLLECTION) {
		const struct action *action = resource_action(r, call->params[depth == ACTION ? 2 : 1]);
		if (!action || action->is_on_collection != (depth == ROW))
			return error_set(err, ERR_NOT_FOUND, "there is no such action");
		*guard = action->guard;
		return true;
	}
	bool changes = req->method == METHOD_PATCH || req->method == METHOD_PUT || req->method == METHOD_DELETE;
	if (r->is_append_only && changes) {
		*allow = depth == COLLECTION ? STR("GET, HEAD, POST") : STR("GET, HEAD");
		return error_set(err, ERR_METHOD_NOT_ALLOWED, "this resource is append-only");
	}
	*guard = (struct guard){ least_of(r, req->method), r->tenant };
	return guard->least != LEAST_CLOSED || error_set(err, ERR_NOT_FOUND, "there is no such route");
}
