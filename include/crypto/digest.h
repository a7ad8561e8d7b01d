/* SHA-2, HMAC, base64url and randomness (GnuTLS underneath). Nothing here fails for its caller: a
 * library that cannot hash ends the process. */
#ifndef TENANTD_CRYPTO_DIGEST_H
#define TENANTD_CRYPTO_DIGEST_H

#include "core/hex.h"

enum { SHA256_SIZE = 32, SHA384_SIZE = 48 };

void digest_sha256(struct str in, uint8_t out[SHA256_SIZE]);
void digest_sha384(struct str in, uint8_t out[SHA384_SIZE]);
/* HMAC-SHA256, RFC 2104. */
void digest_hmac(struct str key, struct str in, uint8_t out[SHA256_SIZE]);
/* Compares in a time that depends on `len` alone. */
bool digest_equal(const void *a, const void *b, size_t len);
void digest_random(void *out, size_t len);

/* RFC 4648 section 5, without padding. */
struct str base64url_encode(struct arena *a, const void *in, size_t len);
/* Strict: no padding, no other alphabet, no white space, zero trailing bits. At most `room` bytes are
 * written to `out`. */
MUST_CHECK bool base64url_decode(struct str in, void *out, size_t room, size_t *len);

#endif
