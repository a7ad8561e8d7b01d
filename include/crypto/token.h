/*
 * Bearer tokens: JWS compact serialisation (RFC 7515), JWT claims (RFC 7519), used as RFC 8725 advises.
 * The strict pre-check is our own, the signature check is GnuTLS's with keys parsed once; libjwt signs
 * (token_sign) and cross-checks in the tests. This is the only door to libjwt.
 */
#ifndef TENANTD_CRYPTO_TOKEN_H
#define TENANTD_CRYPTO_TOKEN_H

#include "core/context.h"
#include "core/json.h"
#include "crypto/keystore.h"

/* What dispatch needs of a verified token. The strings live in the arena given. */
struct token_claims {
	struct identity who;
	struct str tenant; /* the tenant claim as it stands; empty: none */
	struct str env; /* the env claim; empty: none */
	int64_t expires; /* seconds since 1970 */
};

/*
 * Verifies `compact`. Refuses with ERR_UNAUTHENTICATED (ERR_TOKEN_EXPIRED for a good but expired one) and
 * counts the reason: longer than LIMIT_TOKEN; not three canonical base64url parts; header or claims that
 * are not one strict JSON object; alg not the very spelling pinned to the key; any crit, b64; typ other
 * than JWT or at+jwt (any case, absent is JWT); no key (by kid; without kid, or when a PEM or secret file,
 * which has none, is all there is to compare with: the issuer's only key of that alg); bad signature
 * (ECDSA: 64 bytes r||s, no zero); exp missing, no integer, past; nbf or iat in the future beyond the
 * leeway; iss unknown; aud not ours; an ID or refresh token (nonce, at_hash, c_hash; token_use or typ claim
 * other than access/Bearer); sub missing, empty, above LIMIT_SUBJECT or with control characters; a tenant,
 * env, email or name claim of a wrong type (null is absent); an email that is too long or has control
 * characters. A name is cut to LIMIT_NAME and left out when validate_name refuses it. A claim path with a
 * ':' is one whole name, as namespaced claims are URLs.
 * The digest of a token whose signature was good is remembered (crypto/seen.h), nothing
 * of its claims: everything but the signature is checked every time.
 */
MUST_CHECK bool token_verify(struct keystore *store, struct arena *a, struct str compact, int64_t leeway_s,
	struct token_claims *out, struct error *err);

/* Signs `claims` (a JSON object's text) with a private key (PEM; for HS256 the secret itself). alg is one
 * of ES256, RS256, EdDSA, HS256; kid may be empty. For tenantctl and tests. */
MUST_CHECK bool token_sign(struct arena *a, struct str alg, struct str kid, struct str key, struct str claims,
	struct str *compact, struct error *err);

/* A new private key for alg (PKCS#8 PEM; HS256: 32 random bytes as base64url) and its public JWK as JSON
 * text ("" for HS256), with the kid given. */
MUST_CHECK bool token_key_new(struct arena *a, struct str alg, struct str kid, struct str *private_key,
	struct str *public_jwk, struct error *err);

#endif
