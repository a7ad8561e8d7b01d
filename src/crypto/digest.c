/*
 * SHA-2, HMAC and randomness, by GnuTLS. Everything in the tree that hashes, compares a secret or draws a random value
 * does it here. When the library fails, the process must end instead of returning a value. Nothing that is passed in is
 * kept or logged.
 */
#include "crypto/digest.h"
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

void digest_sha256(struct str in, uint8_t out[SHA256_SIZE])
{
	int rc = gnutls_hash_fast(GNUTLS_DIG_SHA256, in.at, in.len, out);
	if (rc < 0)
		BUG("sha-256 failed: %s", gnutls_strerror(rc));
}

struct digest {
	gnutls_hash_hd_t handle;
};

static void release(void *digest)
{
	struct digest *d = digest;
	if (d->handle)
		gnutls_hash_deinit(d->handle, NULL);
}

struct digest *digest_begin(struct arena *a)
{
	struct digest *d = ARENA_NEW(a, struct digest);
	int rc = gnutls_hash_init(&d->handle, GNUTLS_DIG_SHA256);
	if (rc < 0)
		BUG("sha-256 failed: %s", gnutls_strerror(rc));
	arena_adopt(a, d, release);
	return d;
}

void digest_add(struct digest *d, struct str in)
{
	int rc = gnutls_hash(d->handle, in.at, in.len);
	if (rc < 0)
		BUG("sha-256 failed: %s", gnutls_strerror(rc));
}

void digest_end(struct digest *d, uint8_t out[SHA256_SIZE])
{
	gnutls_hash_deinit(d->handle, out);
	d->handle = NULL;
}

void digest_sha384(struct str in, uint8_t out[SHA384_SIZE])
{
	int rc = gnutls_hash_fast(GNUTLS_DIG_SHA384, in.at, in.len, out);
	if (rc < 0)
		BUG("sha-384 failed: %s", gnutls_strerror(rc));
}

void digest_hmac(struct str key, struct str in, uint8_t out[SHA256_SIZE])
{
	int rc = gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.at, key.len, in.at, in.len, out);
	if (rc < 0)
		BUG("hmac-sha-256 failed: %s", gnutls_strerror(rc));
}

bool digest_equal(const void *a, const void *b, size_t len)
{
	return gnutls_memcmp(a, b, len) == 0;
}

/* It uses the level for long-lived keys, since callers draw keys, secrets and ids. GnuTLS notices a fork by itself, so
 * two workers never draw the same bytes. */
void digest_random(void *out, size_t len)
{
	int rc = gnutls_rnd(GNUTLS_RND_KEY, out, len);
	if (rc < 0)
		BUG("no randomness: %s", gnutls_strerror(rc));
}
