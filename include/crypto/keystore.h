/*
 * The issuers and their keys, parsed once and kept for the life of the process (a reload makes a new
 * one). A key is pinned to one algorithm; a weak one (RSA below 2048 bits, an HS256 secret below 32
 * bytes), an issuer without keys or two issuers with the same `iss` refuse to start.
 */
#ifndef TENANTD_CRYPTO_KEYSTORE_H
#define TENANTD_CRYPTO_KEYSTORE_H

#include "core/config.h"
#include "crypto/seen.h"

struct keystore;

/* Reads every issuer's JWKS (RFC 7517), PEM and secret; the store lives in `a` and points into `config`.
 * NULL and `err` (which names issuer and key) when anything is not as it must be. Keys of a JWKS whose `use`
 * is not "sig", whose kty or alg tenantd does not verify, are skipped with a log line; a malformed key of a
 * kind it does verify is an error, and so are a shared secret or a private part in a JWKS. */
struct keystore *keystore_load(struct arena *a, const struct config *config, struct error *err);
/* Remembers good tokens in `seen`, which outlives the store, instead of a memory of its own. Stores of the same keys and the same
 * secret remember for each other; a store of other keys finds nothing of theirs. */
void keystore_share(struct keystore *store, struct seen *seen, const void *secret, size_t len);

#endif
