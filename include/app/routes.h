/*
 * All routes, and the search for one of them. Their rows are in the files of their families in src/api (and
 * in src/app/system.c); this room lists the families. `tenantctl routes` prints this list, and tests compare
 * the docs with it.
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
/* The template of the i-th route, for metrics; "none" for an index after the last route. */
const char *route_path(size_t i);

/* Finds the route for a request, and sets call->route and call->params. False: call->route is NULL, with
 * ERR_NOT_FOUND, or with ERR_METHOD_NOT_ALLOWED and the methods of the path in *allow ("GET, HEAD,
 * PATCH"). HEAD finds the GET route. */
MUST_CHECK bool route_find(
	const struct request *req, struct call *call, struct str *allow, struct error *err);

#endif
