/* The routes about the server itself: no tenant, no token. */
#ifndef TENANTD_APP_SYSTEM_H
#define TENANTD_APP_SYSTEM_H

#include "api/call.h"

handler system_healthz, system_readyz, system_metrics;

#endif
