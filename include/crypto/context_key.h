/* The key with which workers prove to the database that a context comes from them. The configuration names its file. */
#ifndef TENANTD_CRYPTO_CONTEXT_KEY_H
#define TENANTD_CRYPTO_CONTEXT_KEY_H

#include "core/config.h"

/* Reads [tenancy] context_key_file, which has 64 to 128 hexadecimal digits; white space around them is ignored. *key
 * is the 32 to 64 bytes that they stand for, in the arena. Fails with ERR_INTERNAL, and err->operator names the
 * setting and the file. */
MUST_CHECK bool context_key_read(
	struct arena *a, const struct config *config, struct str *key, struct error *err);

#endif
