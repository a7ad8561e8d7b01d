/*
 * Bearer tokens: JWS compact serialisation (RFC 7515) with JWT claims (RFC 7519), used as RFC 8725 advises. Our own
 * strict checks come first; GnuTLS checks the signature with keys that were parsed once. libjwt only signs (token_sign)
 * and checks our results in the tests. No other header gives access to libjwt.
 */
#ifndef TENANTD_CRYPTO_TOKEN_H
#define TENANTD_CRYPTO_TOKEN_H

#include "core/context.h"
#include "core/json.h"
#include "crypto/keystore.h"

/* What dispatch needs of a verified token. The strings live in the arena given. */
struct token_claims {
	struct identity who;
	struct str tenant; /* the tenant claim, unchanged; empty: none */
	struct str env; /* the env claim; empty: none */
	bool is_cookie; /* it was made for a browser's cookie, and is no bearer token */
	struct uuid session; /* of a token that tenantd's own issuer made; else not set */
	int64_t expires; /* seconds since 1970 */
};

/*
 * Verifies `compact`, counts the reason of a refusal, and refuses with ERR_TOKEN_EXPIRED a token that is only expired,
 * and with ERR_UNAUTHENTICATED:
 *   form       longer than LIMIT_TOKEN; not three canonical base64url parts; header or claims that are not one strict
 *              JSON object
 *   header     an alg that is not spelled exactly as one of ours; any crit or b64; a typ other than JWT or at+jwt, in
 *              any case and with or without "application/" (an absent typ means JWT)
 *   key        an unknown iss; no key with that alg and kid (keystore_key in src/crypto/key.h tells what is done
 *              without a kid)
 *   signature  one that does not verify; for ECDSA it must be 64 bytes, r||s, neither of them zero
 *   times      exp missing, not a number from 1970 to 9999, or past by more than the leeway; nbf or iat beyond the
 *              leeway in the future. A fraction of a second is cut off.
 *   purpose    an aud that does not name the issuer's configured audience; an ID or refresh token, which is known by
 *              at_hash or c_hash, by a token_use or typ claim other than access or Bearer, or by a nonce without
 *              such a claim
 *   identity   sub missing, empty, longer than LIMIT_SUBJECT or with control characters; an email that is too long or
 *              has control characters; a tenant, env, email or name claim that is not text (null counts as absent)
 * A name is cut to LIMIT_NAME and left out when validate_name refuses it. A claim path with a ':' is taken as one whole
 * name, because namespaced claims are URLs.
 * Of a token with a good signature only the digest is remembered (crypto/seen.h). Everything but the signature is
 * checked every time.
 */
MUST_CHECK bool token_verify(struct keystore *store, struct arena *a, struct str compact, int64_t leeway_s,
	struct token_claims *out, struct error *err);

/* Signs `claims`, the text of a JSON object, with a private key in PEM, or for HS256 with the secret itself. alg is one
 * of ES256, RS256, EdDSA, HS256; kid may be empty. For the own issuer, tenantctl and the tests. */
MUST_CHECK bool token_sign(struct arena *a, struct str alg, struct str kid, struct str key, struct str claims,
	struct str *compact, struct error *err);

/* Makes a new private key for alg, in PKCS#8 PEM, or for HS256 32 random bytes as base64url. *public_jwk is its public
 * JWK with the given kid as JSON text, and "" for HS256. */
MUST_CHECK bool token_key_new(struct arena *a, struct str alg, struct str kid, struct str *private_key,
	struct str *public_jwk, struct error *err);

/* The algorithm of a private key in PEM and its public half as a JWK with this kid. ERR_INVALID_REQUEST when the key is not
 * one that token_sign takes. */
MUST_CHECK bool token_key_public(struct arena *a, struct str private_key, struct str kid, struct str *alg,
	struct str *public_jwk, struct error *err);

#endif
