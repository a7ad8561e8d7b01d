/* SHA-2, HMAC and randomness by GnuTLS, hex and base64url. Hashing and randomness never fail for the caller: when the
 * library cannot do them, the process ends. */
#ifndef TENANTD_CRYPTO_DIGEST_H
#define TENANTD_CRYPTO_DIGEST_H

#include "core/hex.h"

enum { SHA256_SIZE = 32, SHA384_SIZE = 48 };

void digest_sha256(struct str in, uint8_t out[SHA256_SIZE]);
/* The same of bytes that come in pieces. The handle lives in the arena, and is of no more use after digest_end. */
struct digest;
struct digest *digest_begin(struct arena *a);
void digest_add(struct digest *d, struct str in);
void digest_end(struct digest *d, uint8_t out[SHA256_SIZE]);
void digest_sha384(struct str in, uint8_t out[SHA384_SIZE]);
/* HMAC-SHA256, RFC 2104. */
void digest_hmac(struct str key, struct str in, uint8_t out[SHA256_SIZE]);
/* Compares in a time that depends on `len` alone. */
bool digest_equal(const void *a, const void *b, size_t len);
void digest_random(void *out, size_t len);

/* RFC 4648 section 5, without padding. */
struct str base64url_encode(struct arena *a, const void *in, size_t len);
/* Accepts only what base64url_encode writes: no padding, no other alphabet, no white space, and the unused bits at the
 * end are zero. False for anything else, or when `out` would need more than `room` bytes. */
MUST_CHECK bool base64url_decode(struct str in, void *out, size_t room, size_t *len);

#endif
