/*
 * The API's description of itself (OpenAPI 3.1), printed from the tables that serve: the routes with their
 * forms, the error table and the catalog of resources.
 */
#ifndef TENANTD_APP_OPENAPI_H
#define TENANTD_APP_OPENAPI_H

#include "api/call.h"
#include "resource/catalog.h"

/* Prints the document into `a`. `catalog` may be NULL when there are no resources. ERR_INTERNAL when the
 * document is larger than an answer may be. */
MUST_CHECK bool openapi_print(
	struct arena *a, const struct catalog *catalog, struct str *json, struct error *err);
handler openapi_get;

#endif
