/* The route table and its search. Adding a route is adding a row; the tests hold the row to a verdict for every
 * role and every status of a tenant. */
#include "app/routes.h"

#include "api/handlers.h"
#include "app/openapi.h"
#include "app/system.h"
#include "core/buf.h"
#include "core/metrics.h"

static const struct route table[] = {
	/* method, path, handler, { least, tenant }, body, also without /v1 */
	{ METHOD_GET, "/healthz", system_healthz, { LEAST_PUBLIC, TENANT_ANY }, BODY_NONE, false },
	{ METHOD_GET, "/readyz", system_readyz, { LEAST_PUBLIC, TENANT_ANY }, BODY_NONE, false },
	{ METHOD_GET, "/metrics", system_metrics, { LEAST_PUBLIC, TENANT_ANY }, BODY_NONE, false },
	{ METHOD_GET, "/v1/openapi.json", openapi_get, { LEAST_PUBLIC, TENANT_ANY }, BODY_NONE, false },

	{ METHOD_POST, "/v1/auth/bootstrap", api_bootstrap, { LEAST_TOKEN, TENANT_ANY }, BODY_OPTIONAL, true },
	{ METHOD_GET, "/v1/auth/me", api_me, { LEAST_TOKEN, TENANT_ANY }, BODY_NONE, true },

	{ METHOD_GET, "/v1/tenant", api_tenant_get, { LEAST_MEMBER, TENANT_ANY }, BODY_NONE, false },
	{ METHOD_PATCH, "/v1/tenant", api_tenant_patch, { LEAST_TENANT_ADMIN, TENANT_OPEN }, BODY_JSON, false },

	{ METHOD_GET, "/v1/members", api_member_list, { LEAST_MEMBER, TENANT_OPEN }, BODY_NONE, false },
	{ METHOD_POST, "/v1/members/leave", api_member_leave, { LEAST_MEMBER, TENANT_ANY }, BODY_OPTIONAL,
		false },
	{ METHOD_GET, "/v1/members/{user_id}", api_member_get, { LEAST_MEMBER, TENANT_OPEN }, BODY_NONE, false },
	{ METHOD_PATCH, "/v1/members/{user_id}", api_member_patch, { LEAST_TENANT_ADMIN, TENANT_OPEN }, BODY_JSON,
		false },
	{ METHOD_DELETE, "/v1/members/{user_id}", api_member_delete, { LEAST_TENANT_ADMIN, TENANT_OPEN },
		BODY_OPTIONAL, false },

	{ METHOD_GET, "/v1/onboarding", api_onboarding_get, { LEAST_TENANT_ADMIN, TENANT_OPEN }, BODY_NONE,
		true },
	{ METHOD_POST, "/v1/onboarding/complete", api_onboarding_complete, { LEAST_TENANT_ADMIN, TENANT_OPEN },
		BODY_JSON, true },

	{ METHOD_GET, "/v1/audit", api_audit_list, { LEAST_TENANT_ADMIN, TENANT_ANY }, BODY_NONE, false },

	/* The guard is the resource's (app/resource_guard.c); what stands here is its usual one. */
	{ METHOD_GET, "/v1/resources", api_resources, { LEAST_MEMBER, TENANT_OPEN }, BODY_NONE, false },
	{ METHOD_GET, "/v1/data/{resource}", api_data_list, { LEAST_RESOURCE, TENANT_ACTIVE }, BODY_NONE, false },
	{ METHOD_POST, "/v1/data/{resource}", api_data_create, { LEAST_RESOURCE, TENANT_ACTIVE }, BODY_JSON,
		false },
	{ METHOD_PATCH, "/v1/data/{resource}", api_data_change_many, { LEAST_RESOURCE, TENANT_ACTIVE }, BODY_JSON,
		false },
	{ METHOD_DELETE, "/v1/data/{resource}", api_data_remove_many, { LEAST_RESOURCE, TENANT_ACTIVE },
		BODY_OPTIONAL, false },
	{ METHOD_GET, "/v1/data/{resource}/{id}", api_data_show, { LEAST_RESOURCE, TENANT_ACTIVE }, BODY_NONE,
		false },
	{ METHOD_PATCH, "/v1/data/{resource}/{id}", api_data_change, { LEAST_RESOURCE, TENANT_ACTIVE }, BODY_JSON,
		false },
	{ METHOD_PUT, "/v1/data/{resource}/{id}", api_data_replace, { LEAST_RESOURCE, TENANT_ACTIVE }, BODY_JSON,
		false },
	{ METHOD_DELETE, "/v1/data/{resource}/{id}", api_data_remove, { LEAST_RESOURCE, TENANT_ACTIVE },
		BODY_OPTIONAL, false },
	{ METHOD_GET, "/v1/data/{resource}/{id}/content", api_content_show, { LEAST_RESOURCE, TENANT_ACTIVE },
		BODY_NONE, false },
	{ METHOD_PUT, "/v1/data/{resource}/{id}/content", api_content_put, { LEAST_RESOURCE, TENANT_ACTIVE },
		BODY_BYTES, false },
	{ METHOD_DELETE, "/v1/data/{resource}/{id}/content", api_content_remove,
		{ LEAST_RESOURCE, TENANT_ACTIVE }, BODY_NONE, false },
	{ METHOD_POST, "/v1/data/{resource}/{action}", api_data_act_on_all, { LEAST_RESOURCE, TENANT_ACTIVE },
		BODY_OPTIONAL, false },
	{ METHOD_POST, "/v1/data/{resource}/{id}/{action}", api_data_act, { LEAST_RESOURCE, TENANT_ACTIVE },
		BODY_OPTIONAL, false },
};

static_assert(
	COUNT_OF(table) < METRIC_ROUTES, "the last slot of METRIC_ROUTES is for requests without a route");

const struct route *routes(size_t *count)
{
	*count = COUNT_OF(table);
	return table;
}

const char *route_path(size_t i)
{
	return i < COUNT_OF(table) ? table[i].path : "none";
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
		(route->is_unversioned && spells(route->path + VERSION, path->segments, path->segment_count, params));
}

static bool takes(const struct route *route, enum method method)
{
	return route->method == method || (route->method == METHOD_GET && method == METHOD_HEAD);
}

const struct route *route_find(
	const struct request *req, struct call *call, struct str *allow, struct error *err)
{
	struct buf methods;
	buf_init(&methods, req->arena, 256);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (!matches(&table[i], &req->path, call->params))
			continue;
		if (takes(&table[i], req->method))
			return &table[i];
		buf_printf(&methods, "%s%s%s", methods.len ? ", " : "", method_name(table[i].method),
			table[i].method == METHOD_GET ? ", HEAD" : "");
	}
	*allow = buf_str(&methods);
	if (str_is_empty(*allow))
		error_set(err, ERR_NOT_FOUND, "there is no such route");
	else
		error_set(err, ERR_METHOD_NOT_ALLOWED, "this path takes %.*s", STR_ARG(*allow));
	return NULL;
}
