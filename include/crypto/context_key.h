/* The key by which workers prove a context to the database, as the configuration names it. */
#ifndef TENANTD_CRYPTO_CONTEXT_KEY_H
#define TENANTD_CRYPTO_CONTEXT_KEY_H

#include "core/config.h"

/* Reads [tenancy] context_key_file: 64 to 128 hexadecimal digits, white space around them ignored. *key is
 * its 32 to 64 bytes, in the arena. ERR_INTERNAL, the key and the file named for the operator. */
MUST_CHECK bool context_key_read(
	struct arena *a, const struct config *config, struct str *key, struct error *err);

#endif
