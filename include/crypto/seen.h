/*
 * The memory of tokens whose signature was found good. All workers of a pool share it: it is one anonymous mapping that
 * the master makes before it forks. It has room for 262,144 tokens in 4 MiB, and pages that were never used take no
 * memory.
 *
 * It holds 128 bits for each token: a MAC of the token's SHA-256 under a secret. The pool draws that secret when it
 * starts, and a digest of all keys is mixed into it. This has four consequences. Nothing can be learned from the memory.
 * Stray bytes in it do not make a token count as good. What was written under other keys is not found. And when two
 * workers write one entry at the same time, the mixture of two MACs matches no token, so no lock is needed.
 */
#ifndef TENANTD_CRYPTO_SEEN_H
#define TENANTD_CRYPTO_SEEN_H

#include "crypto/digest.h"

struct seen;

/* Makes an empty one. Ends the process when there is no memory. */
struct seen *seen_new(void);
void seen_free(struct seen *seen);

/* True when a token with this digest was added under this secret, which is SHA256_SIZE bytes. */
bool seen_has(const struct seen *seen, const uint8_t *secret, const uint8_t digest[SHA256_SIZE]);
/* Adds a token. When there is no free entry in its place, another token is forgotten. */
void seen_add(struct seen *seen, const uint8_t *secret, const uint8_t digest[SHA256_SIZE]);

#endif
