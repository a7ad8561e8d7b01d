/*
 * Inside this room only: one key, pinned to one algorithm, and the signature check itself. keystore.c
 * loads and finds keys, jwk.c reads them from a JWKS, roca.c knows a flawed kind, token.c and token_sign.c use
 * them.
 */
#ifndef TENANTD_CRYPTO_KEY_H
#define TENANTD_CRYPTO_KEY_H

#include "core/config.h"
#include "core/json.h"
#include "crypto/digest.h"
#include "crypto/keystore.h"
#include <gnutls/abstract.h>

enum key_alg { KEY_ES256, KEY_RS256, KEY_EDDSA, KEY_HS256, KEY_ALG_COUNT };

struct key {
	enum key_alg alg;
	struct str kid; /* empty: a PEM file or a secret, which have none */
	gnutls_pubkey_t public; /* not for HS256 */
	struct str secret; /* HS256 only */
	size_t signature_len; /* the one length a signature by this key can have */
};

struct issuer_keys {
	const struct issuer_config *config;
	struct key keys[LIMIT_KEYS];
	size_t count;
};

/* The name as `alg` spells it, and back; the spelling is exact (T4). */
struct str key_alg_name(enum key_alg alg);
MUST_CHECK bool key_alg_parse(struct str s, enum key_alg *out);

/* Makes `out` from an imported public key, which must live as long. False and *why (static) when its kind is
 * none of ours or it is weak: RSA outside 2048..8192 bits, with a senseless exponent or of Infineon's library, a
 * curve other than P-256 and Ed25519, a point off the curve. */
MUST_CHECK bool key_from_public(gnutls_pubkey_t public, struct key *out, const char **why);
/* One PEM public key or certificate. */
MUST_CHECK bool key_from_pem(struct arena *a, struct str pem, struct key *out, const char **why);
/*
 * Does this RSA modulus (big-endian) have the fingerprint of Infineon's RSALib, whose keys take far less work to factor
 * than their length promises (ROCA, CVE-2017-15361)? By each prime from 3 to 167 it is a power of 65537, as the
 * library's primes are. That holds for one in 240 million of all other moduli as well: multiply, over those primes, the
 * share that the powers have of the remainders above 0.
 * The test and its primes are those of M. Nemec, M. Sys, P. Svenda, D. Klinec and V. Matyas, "The Return of
 * Coppersmith's Attack: Practical Factorization of Widely Used RSA Moduli", ACM CCS 2017, and of the authors' detector
 * at https://github.com/crocs-muni/roca (roca/detect.py, has_fingerprint_moduli).
 */
MUST_CHECK bool rsa_has_infineon_fingerprint(const gnutls_datum_t *n);
/* A shared secret, which lives as long as the key. */
MUST_CHECK bool key_from_secret(struct str secret, struct key *out, const char **why);
/* An empty public key of GnuTLS that dies with `a`. */
gnutls_pubkey_t key_public_new(struct arena *a);

/* Is `signature` (the decoded third part) by `key` over `input` (the first two parts with their dot)? */
MUST_CHECK bool key_verifies(const struct key *key, struct str input, struct str signature);

enum jwk_verdict { JWK_TAKEN, JWK_SKIPPED, JWK_REFUSED };

/* What a JWK says it is: kid and alg are set when JWK_TAKEN (the kid whenever it is well-formed); else
 * *why, static. */
enum jwk_verdict jwk_describe(const struct json *jwk, struct str *kid, enum key_alg *alg, const char **why);
/* The key itself, of a JWK described as taken. */
MUST_CHECK bool jwk_import(
	struct arena *a, const struct json *jwk, enum key_alg alg, struct key *out, const char **why);

/* The issuer whose `iss` this is, NULL when there is none. */
const struct issuer_keys *keystore_issuer(const struct keystore *store, struct str iss);
/* The key a token names: by alg and kid. A token without kid gets the issuer's only key of that alg. So
 * does a token with one when that only key has no kid to compare with (issuers that share a secret or a PEM
 * write kids all the same), if the kid could be base64, which "../" and a query could not (T8). NULL: none. */
const struct key *keystore_key(
	const struct issuer_keys *issuer, enum key_alg alg, bool has_kid, struct str kid);

/* The digests of tokens whose signature was good, under the keys of this store. */
bool keystore_has_seen(const struct keystore *store, const uint8_t digest[SHA256_SIZE]);
void keystore_remember(struct keystore *store, const uint8_t digest[SHA256_SIZE]);

#endif
