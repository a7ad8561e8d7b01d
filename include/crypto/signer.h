/*
 * The keys of tenantd's own issuer: a directory with one private key in PEM for each, KID.pem, and a file `active` with the
 * kid of the one that signs. All of them are published, so that a new key is known everywhere before it signs, and an old
 * one until the tokens that it signed have expired. `tenantctl keys` looks after the directory.
 */
#ifndef TENANTD_CRYPTO_SIGNER_H
#define TENANTD_CRYPTO_SIGNER_H

#include "core/arena.h"
#include "core/error.h"

struct signer_key {
	struct str kid, alg;
	struct str pem; /* the private key */
	struct str jwk; /* the public half as JSON */
	int64_t made; /* when the file was last written, seconds since 1970 */
};

struct signer {
	struct signer_key *keys; /* in the order of their kids */
	size_t count;
	const struct signer_key *active;
	struct str jwks; /* all public halves as a JWK set (RFC 7517) */
};

/* Reads the directory; what is made lives in `a`. False with err->operator when it cannot be read, when a key is refused,
 * when others can read a key, or when no key of it is active. */
MUST_CHECK bool signer_load(struct arena *a, struct str directory, struct signer *out, struct error *err);
/* Signs `claims`, the text of a JSON object, with the active key. */
MUST_CHECK bool signer_sign(
	const struct signer *signer, struct arena *a, struct str claims, struct str *compact, struct error *err);

/* A new key's kid: 16 random hex digits. */
struct str signer_kid_new(struct arena *a);
/* True for what may be a kid of a file's name: 1 to 64 of letters, digits, '-' and '_'. */
bool signer_kid_is_fit(struct str kid);

#endif
