/* What json.c needs to know from json_accept beside its verdict. Private to the core room. */
#ifndef TENANTD_CORE_JSON_ACCEPT_H
#define TENANTD_CORE_JSON_ACCEPT_H

#include "core/str.h"

/* The same as json_accept. *has_wide tells whether some number has so many digits that int64 may not hold
 * it. */
MUST_CHECK bool json_accept_noting(struct str text, const char **why, bool *has_wide);

#endif
