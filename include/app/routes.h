/*
 * THE route table: every route with its guard, in one place. The tests, `tenantctl routes` and the docs are
 * held against it. A route that declares no least role is closed.
 */
#ifndef TENANTD_APP_ROUTES_H
#define TENANTD_APP_ROUTES_H

#include "api/call.h"

enum route_body {
	BODY_NONE,
	BODY_OPTIONAL,
	BODY_JSON,
	BODY_BYTES /* of any type, up to [limits] media; the others up to [limits] body */
};

struct route {
	enum method method;
	const char *path; /* template: "/v1/members/{user_id}" */
	handler *handle;
	struct guard guard;
	enum route_body body;
	bool is_unversioned; /* answers without /v1 as well */
};

const struct route *routes(size_t *count);
/* The template of the i-th route, for metrics. */
const char *route_path(size_t i);

/* The route for a request; params are set. NULL: ERR_NOT_FOUND, or ERR_METHOD_NOT_ALLOWED with the methods of
 * the path in `allow` ("GET, HEAD, PATCH"). HEAD finds the GET route. */
const struct route *route_find(
	const struct request *req, struct call *call, struct str *allow, struct error *err);

#endif
