/*
 * The memory of tokens that were found well signed, shared by all workers of a pool: one anonymous mapping that the master
 * makes before it forks. It has room for 262,144 tokens in 4 MiB, of which only those pages cost memory that were used.
 *
 * It holds 128 bits for a token: a MAC of the token's SHA-256 under a secret that the pool draws when it starts, mixed with a digest of
 * all keys. So nothing is to be learned from it, nobody who could write into it by accident makes a token good, what was
 * written under other keys is not found, and an entry that two workers write at once is no entry: a mixture of two MACs is
 * that of no token. Therefore it needs no lock.
 */
#ifndef TENANTD_CRYPTO_SEEN_H
#define TENANTD_CRYPTO_SEEN_H

#include "crypto/digest.h"

struct seen;

/* Empty. Ends the process when there is no memory. */
struct seen *seen_new(void);
void seen_free(struct seen *seen);

/* `secret` is SHA256_SIZE bytes. */
bool seen_has(const struct seen *seen, const uint8_t *secret, const uint8_t digest[SHA256_SIZE]);
/* In a full set somebody else is forgotten. */
void seen_add(struct seen *seen, const uint8_t *secret, const uint8_t digest[SHA256_SIZE]);

#endif
