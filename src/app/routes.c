/* The list of families, and the search for the route of a request. */
#include "app/routes.h"

#include "api/families.h"
#include "app/openapi.h"
#include "app/system.h"
#include "core/buf.h"
#include "core/metrics.h"

static const struct route_family *const families[] = {
	&system_family,
	&auth_family,
	&accounts_family,
	&tenant_family,
	&ownership_family,
	&members_family,
	&invitations_family,
	&join_requests_family,
	&domains_family,
	&onboarding_family,
	&api_keys_family,
	&audit_family,
	&resources_family,
	&data_family,
	&admin_family,
};

const struct route_family *const *route_families(size_t *count)
{
	*count = COUNT_OF(families);
	return families;
}

const struct route *routes(size_t *count)
{
	static struct route
		all[METRIC_ROUTES - 1]; /* the last slot of the metrics is for requests without a route */
	static size_t gathered;
	for (size_t f = 0; gathered == 0 || (f > 0 && f < COUNT_OF(families)); f++) {
		if (gathered + families[f]->count > COUNT_OF(all))
			BUG("more than %zu routes", COUNT_OF(all));
		memcpy(&all[gathered], families[f]->routes, families[f]->count * sizeof(all[0]));
		gathered += families[f]->count;
	}
	*count = gathered;
	return all;
}

const char *route_least(const struct route *route)
{
	return route->flags & ROUTE_OF_RESOURCE ? "resource" : guard_name(route->caller, route->guard.least);
}

const char *route_path(size_t i)
{
	size_t count;
	const struct route *all = routes(&count);
	return i < count ? all[i].path : "none";
}

/* True when the segments spell the template; what stands for {…} goes to params. */
static bool spells(const char *template, const struct str *segments, size_t count, struct str *params)
{
	struct str rest = str_c(template + 1);
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		struct str part;
		if (str_is_empty(rest))
			return false;
		rest = str_split(rest, '/', &part);
		if (part.at[0] != '{') {
			if (!str_eq(part, segments[i]))
				return false;
		} else if (n < CALL_PARAMS) {
			params[n++] = segments[i];
		}
	}
	return str_is_empty(rest) && count > 0;
}

static bool matches(const struct route *route, const struct path *path, struct str *params)
{
	enum { VERSION = sizeof("/v1") - 1 };
	return spells(route->path, path->segments, path->segment_count, params) ||
		(route->flags & ROUTE_SHORT &&
			spells(route->path + VERSION, path->segments, path->segment_count, params));
}

static bool takes(const struct route *route, enum method method)
{
	return route->method == method || (route->method == METHOD_GET && method == METHOD_HEAD);
}

bool route_find(const struct request *req, struct call *call, struct str *allow, struct error *err)
{
	struct buf methods;
	size_t count;
	const struct route *all = routes(&count);
	buf_init(&methods, req->arena, 256);
	for (size_t i = 0; i < count; i++) {
		if (!matches(&all[i], &req->path, call->params))
			continue;
		call->route = &all[i];
		if (takes(&all[i], req->method))
			return true;
		buf_printf(&methods, "%s%s%s", methods.len ? ", " : "", method_name(all[i].method),
			all[i].method == METHOD_GET ? ", HEAD" : "");
	}
	call->route = NULL;
	*allow = buf_str(&methods);
	if (str_is_empty(*allow))
		return error_set(err, ERR_NOT_FOUND, "there is no such route");
	return error_set(err, ERR_METHOD_NOT_ALLOWED, "this path takes %.*s", STR_ARG(*allow));
}
