/* The routes about the server itself: no tenant, no token. */
#ifndef TENANTD_APP_SYSTEM_H
#define TENANTD_APP_SYSTEM_H

#include "api/route.h"

extern const struct route_family system_family;

#endif
