/*
 * Looks up the guard of a route on resources (ROUTE_OF_RESOURCE). It is called after the token was verified,
 * so that a stranger cannot find out which resources exist. The guard goes into the proof as that of any
 * other route does, and the policies of the table check the same once more.
 */
#include "app/resource_guard.h"

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

struct guard resource_content_guard(const struct resource *r, enum operation operation)
{
	const struct resource *c = r->content ? r->content : r;
	struct guard guard = { r->least[OPERATION_UPDATE], r->tenant > c->tenant ? r->tenant : c->tenant };
	switch (operation) {
	case OPERATION_READ:
		guard.least = stronger(r->least[OPERATION_READ], c->least[OPERATION_READ]);
		break;
	case OPERATION_DELETE: /* the object stays and is changed */
		guard.least = stronger(guard.least, c->least[OPERATION_DELETE]);
		break;
	default:
		guard.least = stronger(guard.least, stronger(c->least[OPERATION_CREATE], c->least[OPERATION_UPDATE]));
	}
	return guard;
}

static bool guard_of_content(
	const struct resource *r, enum method method, struct guard *guard, struct str *allow, struct error *err)
{
	bool is_read = method == METHOD_GET || method == METHOD_HEAD;
	if (!r->content)
		return error_set(err, ERR_NOT_FOUND, "this resource has no content");
	if (!is_read && (r->is_append_only || r->content->is_append_only)) {
		*allow = STR("GET, HEAD");
		return error_set(err, ERR_METHOD_NOT_ALLOWED, "this resource is append-only");
	}
	*guard = resource_content_guard(r,
		is_read                       ? OPERATION_READ
			: method == METHOD_DELETE ? OPERATION_DELETE
									  : OPERATION_UPDATE);
	return true;
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
	/* The isolation gate could not check the table, because somebody holds a lock on it. */
	if (r->is_closed || (r->content && r->content->is_closed))
		return error_set(err, ERR_UNAVAILABLE, "resource %.*s is not available now", STR_ARG(r->name));
	if (req->method == METHOD_POST && depth > COLLECTION) {
		const struct action *action = resource_action(r, call->params[depth == ACTION ? 2 : 1]);
		if (!action || action->is_on_collection != (depth == ROW))
			return error_set(err, ERR_NOT_FOUND, "there is no such action");
		*guard = action->guard;
		return true;
	}
	if (depth == ACTION)
		return guard_of_content(r, req->method, guard, allow, err);
	bool changes = req->method == METHOD_PATCH || req->method == METHOD_PUT || req->method == METHOD_DELETE;
	if (r->is_view && (changes || req->method == METHOD_POST)) {
		*allow = STR("GET, HEAD");
		return error_set(err, ERR_METHOD_NOT_ALLOWED, "this resource is only read");
	}
	if (r->is_append_only && changes) {
		*allow = depth == COLLECTION ? STR("GET, HEAD, POST") : STR("GET, HEAD");
		return error_set(err, ERR_METHOD_NOT_ALLOWED, "this resource is append-only");
	}
	*guard = (struct guard){ least_of(r, req->method), r->tenant };
	return guard->least != LEAST_CLOSED || error_set(err, ERR_NOT_FOUND, "there is no such route");
}
