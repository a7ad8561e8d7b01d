/*
 * What this installation states about itself, such as the receipt of an erasure: a JSON object, signed with a key of its own
 * ([governance] key_file). It is a JWS in compact form (RFC 7515), so that any JOSE library can check it with the public half,
 * which `tenantctl keys new --private FILE --jwk FILE` writes beside the private one.
 */
#ifndef TENANTD_CRYPTO_STATEMENT_H
#define TENANTD_CRYPTO_STATEMENT_H

#include "core/arena.h"
#include "core/config.h"
#include "core/error.h"

/* Signs `json`, an object, with the key that the configuration names. False with err->operator when it names none, or when the file
 * cannot be read, can be read by others, or holds no key that signs. */
MUST_CHECK bool statement_sign(
	struct arena *a, const struct config *config, struct str json, struct str *compact, struct error *err);
/* The public half of that key, as a JWK set for statement_verify. */
MUST_CHECK bool statement_keys(
	struct arena *a, const struct config *config, struct str *jwks, struct error *err);
/* Checks a statement with the keys of a JWK set (RFC 7517), and answers what it says. False with ERR_INVALID_REQUEST when
 * none of them signed it, or when the set cannot be read. */
MUST_CHECK bool statement_verify(
	struct arena *a, struct str jwks, struct str compact, struct str *json, struct error *err);

#endif
