/*
 * The API's description of itself (OpenAPI 3.1), printed from the tables that serve: the route table, the error
 * table and the catalog of resources. What no table says, the shapes of the fixed routes, stands in one table of
 * src/app/openapi_fixed.c, which a test holds against the routes.
 */
#ifndef TENANTD_APP_OPENAPI_H
#define TENANTD_APP_OPENAPI_H

#include "api/call.h"
#include "resource/catalog.h"

/* The document in `a`; `catalog` may be NULL: no resources. ERR_INTERNAL when it is larger than an answer may be. */
MUST_CHECK bool openapi_print(
	struct arena *a, const struct catalog *catalog, struct str *json, struct error *err);
/* False when this route's shapes are in no table, which is what the test asks. */
bool openapi_knows(enum method method, const char *path);

handler openapi_get;

#endif
