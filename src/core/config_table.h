/*
 * The table of config keys as the loader sees it. Beside what core/config.h publishes, it says where a value
 * is stored and what it may be. Private to the core room.
 */
#ifndef TENANTD_CORE_CONFIG_TABLE_H
#define TENANTD_CORE_CONFIG_TABLE_H

#include "core/config.h"

enum config_kind {
	KIND_TEXT, /* struct str */
	KIND_LIST, /* struct str_list */
	KIND_NUMBER, /* int64_t between least and most */
	KIND_RATE, /* struct rate: "60/m", or "off" */
	KIND_CHOICE, /* struct str, one of choices */
	KIND_ENUM /* an enum of the size of an int, whose values are 0, 1 … in the order of the choices */
};

struct config_rule {
	enum config_kind kind;
	size_t offset; /* in struct config, or in struct issuer_config for the repeated section */
	int64_t least, most;
	const char *choices; /* "off|validate|warn" */
	bool is_secret; /* the file that sets it must not be readable by others */
};

#define ISSUER_SECTION "issuer.*"

/* The rule of the i-th key of config_keys(). */
const struct config_rule *config_rule(size_t i);
bool config_is_issuer_key(size_t i);
/* Stores the value of the i-th key in `base`, a struct config or a struct issuer_config; false when the
 * value is malformed. */
MUST_CHECK bool config_store(struct arena *a, void *base, size_t i, struct str value);

#endif
