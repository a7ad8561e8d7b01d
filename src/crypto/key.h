/*
 * Only for this room: one key, which works with one algorithm only, and the signature check itself. keystore.c loads
 * and finds keys, jwk.c reads them from a JWKS, roca.c recognises a flawed kind, token.c and token_sign.c use them.
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
	struct str kid; /* empty for a key from a PEM or secret file, which has none, or from a JWK without one */
	gnutls_pubkey_t public; /* not for HS256 */
	struct str secret; /* HS256 only */
	size_t signature_len; /* the one length a signature by this key can have */
};

struct issuer_keys {
	const struct issuer_config *config;
	struct key keys[LIMIT_KEYS];
	size_t count;
};

/* Between an algorithm and its name in `alg`. Only the exact spelling is accepted (T4). */
struct str key_alg_name(enum key_alg alg);
MUST_CHECK bool key_alg_parse(struct str s, enum key_alg *out);

/* Makes `out` from an imported public key, which must live as long as `out`. False with *why, a static text, when the
 * kind of the key is not one of ours or the key is weak: RSA outside 2048 to 8192 bits, with an impossible modulus or
 * exponent, or made by Infineon's library; a curve other than P-256 and Ed25519; a point that is not on the curve. */
MUST_CHECK bool key_from_public(gnutls_pubkey_t public, struct key *out, const char **why);
/* One PEM public key or certificate. */
MUST_CHECK bool key_from_pem(struct arena *a, struct str pem, struct key *out, const char **why);
/*
 * True when this RSA modulus (big-endian) has the fingerprint of Infineon's RSALib, whose keys are far easier to factor
 * than their length suggests (ROCA, CVE-2017-15361). The fingerprint is that the modulus, taken modulo each prime from 3
 * to 167, is a power of 65537, because the library's primes are. About one in 240 million other moduli has it as well:
 * that is the product, over those primes, of the share of powers of 65537 among the remainders above 0.
 * The test and its primes are those of M. Nemec, M. Sys, P. Svenda, D. Klinec and V. Matyas, "The Return of
 * Coppersmith's Attack: Practical Factorization of Widely Used RSA Moduli", ACM CCS 2017, and of the authors' detector
 * at https://github.com/crocs-muni/roca (roca/detect.py, has_fingerprint_moduli).
 */
MUST_CHECK bool rsa_has_infineon_fingerprint(const gnutls_datum_t *n);
/* Makes a key from a shared secret, which must live as long as the key. */
MUST_CHECK bool key_from_secret(struct str secret, struct key *out, const char **why);
/* An empty public key of GnuTLS that dies with `a`. */
gnutls_pubkey_t key_public_new(struct arena *a);

/* True when `signature` (the decoded third part of a token) is a signature by `key` over `input` (the first two parts
 * with the dot between them). */
MUST_CHECK bool key_verifies(const struct key *key, struct str input, struct str signature);

/* The three parts of a JWS in its compact form (RFC 7515 section 7.1), decoded, and what the signature is over. */
struct jws {
	struct str input; /* the first two parts with the dot between them, as they came */
	struct str header;
	struct str payload;
	struct str signature;
};
/* False unless there are three parts in base64url, none of them empty. */
MUST_CHECK bool jws_split(struct arena *a, struct str compact, struct jws *out);

enum jwk_verdict { JWK_TAKEN, JWK_SKIPPED, JWK_REFUSED };

/* Reads what a JWK declares. kid and alg are set for JWK_TAKEN; otherwise *why is a static text, and kid is set when it
 * is well-formed. */
enum jwk_verdict jwk_describe(const struct json *jwk, struct str *kid, enum key_alg *alg, const char **why);
/* Imports the key of a JWK for which jwk_describe returned JWK_TAKEN. */
MUST_CHECK bool jwk_import(
	struct arena *a, const struct json *jwk, enum key_alg alg, struct key *out, const char **why);

/* The issuer whose `iss` this is, NULL when there is none. */
const struct issuer_keys *keystore_issuer(const struct keystore *store, struct str iss);
/* The key that a token names by alg and kid; NULL when there is none. A token without a kid gets the issuer's only key
 * of that alg. A token with a kid gets that only key as well when the key has no kid: issuers write kids even when they
 * share their key as a secret or a PEM. In that case the kid may have only characters of base64, which excludes "../"
 * and the like (T8). */
const struct key *keystore_key(
	const struct issuer_keys *issuer, enum key_alg alg, bool has_kid, struct str kid);

/* Notes that this issuer has no key for a token of this alg, so that somebody fetches its keys (keystore_ask). */
void keystore_miss(const struct keystore *store, const struct issuer_keys *issuer, enum key_alg alg);

/* Remember and find the digests of tokens whose signature was good under the keys of this store. */
bool keystore_has_seen(const struct keystore *store, const uint8_t digest[SHA256_SIZE]);
void keystore_remember(struct keystore *store, const uint8_t digest[SHA256_SIZE]);

#endif
