/*
 * The issuers and their keys, parsed once and kept for the life of the process; a reload and keys that were fetched
 * (issuer/refresh.h) make new processes. An issuer whose keys are fetched may have none yet. A key works with one algorithm only. Loading fails for a weak key (such as RSA below 2048 bits or an HS256 secret below 32
 * bytes), for an issuer without a key for each of its algorithms, and for two issuers with the same `iss`.
 */
#ifndef TENANTD_CRYPTO_KEYSTORE_H
#define TENANTD_CRYPTO_KEYSTORE_H

#include "core/config.h"
#include "crypto/seen.h"
#include "crypto/signer.h"
#include <stdatomic.h>

struct keystore;

/* Reads every issuer's JWKS (RFC 7517), PEM and secret. The store lives in `a` and points into `config`. Returns NULL
 * with `err`, which names the issuer and the key or setting, when something is wrong. A key of a JWKS is skipped with a
 * log line when it is not for checking signatures or when tenantd or the issuer's configuration does not use its kind
 * or algorithm. It is an error when a key of a kind that tenantd verifies is malformed, and when a JWKS contains a
 * shared secret or such a key with its private part. */
struct keystore *keystore_load(struct arena *a, const struct config *config, struct error *err);
/* True when `jwks`, which was fetched, would load as the jwks_file of this issuer. */
MUST_CHECK bool keystore_would_take(
	struct arena *a, const struct issuer_config *issuer, struct str jwks, struct error *err);
/* When a token names a key that an issuer whose keys are fetched does not have, the bit of this issuer's number is set in
 * `wanted`, which must outlive the store. Somebody else fetches; the token is refused. */
void keystore_ask(struct keystore *store, _Atomic uint32_t *wanted);
/* The keys with which the own issuer signs; NULL when there is none. */
const struct signer *keystore_signer(const struct keystore *store);
/* Makes the store remember verified tokens in `seen` instead of in a memory of its own; `seen` must outlive the store.
 * Stores with the same keys and the same secret share what they remember. A store with other keys finds none of it. */
void keystore_share(struct keystore *store, struct seen *seen, const void *secret, size_t len);

#endif
