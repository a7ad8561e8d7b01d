/* The catalog as it is shown to members. */
#ifndef TENANTD_RESOURCE_CATALOG_JSON_H
#define TENANTD_RESOURCE_CATALOG_JSON_H

#include "resource/catalog.h"

/* A JSON array, one object per resource. */
struct str catalog_json(struct arena *a, const struct catalog *c);

#endif
