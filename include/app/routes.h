/*
 * All routes, and the search among them. The rows stand with their families in src/api (and src/app/system.c); this room
 * lists the families. The tests, `tenantctl routes` and the docs are held against it.
 */
#ifndef TENANTD_APP_ROUTES_H
#define TENANTD_APP_ROUTES_H

#include "api/route.h"

/* Every family, in the order in which its routes are shown. */
const struct route_family *const *route_families(size_t *count);
/* All their routes, in the same order. */
const struct route *routes(size_t *count);
/* What a caller of the route must be, in one word: guard_name, or "resource". */
const char *route_least(const struct route *route);
/* The template of the i-th route, for metrics; "none" behind the last. */
const char *route_path(size_t i);

/* The route for a request: call->route and call->params are set. False: ERR_NOT_FOUND, or ERR_METHOD_NOT_ALLOWED with
 * the methods of the path in *allow ("GET, HEAD, PATCH"); call->route is NULL then. HEAD finds the GET route. */
MUST_CHECK bool route_find(
	const struct request *req, struct call *call, struct str *allow, struct error *err);

#endif
