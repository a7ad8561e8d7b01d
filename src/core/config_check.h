/* What must hold between the values of a configuration. Private to the core room. */
#ifndef TENANTD_CORE_CONFIG_CHECK_H
#define TENANTD_CORE_CONFIG_CHECK_H

#include "core/config.h"

/* Parses allowed_envs too. The refusal names the key. */
MUST_CHECK bool config_check(struct config *c, struct error *err);

#endif
