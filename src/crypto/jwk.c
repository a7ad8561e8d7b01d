/*
 * Makes one key from one JWK (RFC 7517, 7518, 8037). A key that an issuer publishes for another purpose than signing
 * with our algorithms is skipped. A key for that purpose is refused when it is malformed. A shared secret or a private
 * part is refused too, since it must not be in a published set. It must never take a key under another algorithm than
 * the one it declares, and never follow x5u or use x5c.
 */
#include "core/limits.h"
#include "key.h"

/* An optional text member. False when it is present but not a text, empty, too long or with control characters. */
static bool text_member(const struct json *jwk, struct str name, struct str *out)
{
	const struct json *member = json_get(jwk, name);
	*out = STR("");
	if (!member)
		return true;
	return json_string(member, out) && out->len > 0 && out->len <= LIMIT_KID && !str_has_control(*out);
}

static enum jwk_verdict refused(const char **why, const char *reason)
{
	*why = reason;
	return JWK_REFUSED;
}

static enum jwk_verdict skipped(const char **why, const char *reason)
{
	*why = reason;
	return JWK_SKIPPED;
}

/* Judges by `use` and `key_ops` whether the key is meant for checking signatures. */
static enum jwk_verdict describe_use(const struct json *jwk, const char **why)
{
	struct str use;
	if (!text_member(jwk, STR("use"), &use))
		return refused(why, "a malformed \"use\"");
	if (!str_is_empty(use) && !str_eq(use, STR("sig")))
		return skipped(why, "its use is not \"sig\"");
	const struct json *ops = json_get(jwk, STR("key_ops"));
	if (!ops)
		return JWK_TAKEN;
	if (json_kind(ops) != JSON_ARRAY)
		return refused(why, "a malformed \"key_ops\"");
	for (size_t i = 0; i < json_count(ops); i++) {
		struct str op;
		if (json_string(json_at(ops, i, NULL), &op) && str_eq(op, STR("verify")))
			return JWK_TAKEN;
	}
	return skipped(why, "its key_ops lack \"verify\"");
}

/* The only algorithm that fits kty and crv. */
static enum jwk_verdict describe_kind(const struct json *jwk, enum key_alg *alg, const char **why)
{
	struct str kty, crv;
	if (!text_member(jwk, STR("kty"), &kty) || str_is_empty(kty))
		return refused(why, "a missing or malformed \"kty\"");
	if (str_eq(kty, STR("oct")))
		return refused(why, "it is a shared secret in a published set: use hs256_secret_file");
	if (!text_member(jwk, STR("crv"), &crv))
		return refused(why, "a malformed \"crv\"");
	bool is_ec = str_eq(kty, STR("EC")), is_okp = str_eq(kty, STR("OKP"));
	if ((is_ec || is_okp) && str_is_empty(crv))
		return refused(why, "a missing \"crv\"");
	if (str_eq(kty, STR("RSA")))
		*alg = KEY_RS256;
	else if (is_ec && str_eq(crv, STR("P-256")))
		*alg = KEY_ES256;
	else if (is_okp && str_eq(crv, STR("Ed25519")))
		*alg = KEY_EDDSA;
	else
		return skipped(why, "its kind is none of RSA, P-256, Ed25519");
	return JWK_TAKEN;
}

enum jwk_verdict jwk_describe(const struct json *jwk, struct str *kid, enum key_alg *alg, const char **why)
{
	struct str name;
	enum key_alg declared;
	*kid = STR("");
	if (json_kind(jwk) != JSON_OBJECT)
		return refused(why, "not an object");
	if (!text_member(jwk, STR("kid"), kid)) {
		*kid = STR("");
		return refused(why, "a malformed \"kid\"");
	}
	enum jwk_verdict verdict = describe_kind(jwk, alg, why);
	if (verdict == JWK_TAKEN)
		verdict = describe_use(jwk, why);
	if (verdict != JWK_TAKEN)
		return verdict;
	if (!text_member(jwk, STR("alg"), &name))
		return refused(why, "a malformed \"alg\"");
	if (str_is_empty(name))
		return JWK_TAKEN;
	if (!key_alg_parse(name, &declared))
		return skipped(why, "its alg is none of ES256, RS256, EdDSA");
	if (declared != *alg)
		return refused(why, "its alg does not belong to its kty and crv");
	return JWK_TAKEN;
}

/* The bytes of a base64url member. */
static bool bytes_member(struct arena *a, const struct json *jwk, struct str name, gnutls_datum_t *out)
{
	struct str text;
	if (!json_string(json_get(jwk, name), &text))
		return false;
	size_t len = 0;
	uint8_t *bytes = arena_alloc(a, text.len + 1);
	if (!base64url_decode(text, bytes, text.len, &len) || len == 0)
		return false;
	*out = (gnutls_datum_t){ bytes, (unsigned)len };
	return true;
}

enum { COORDINATE = 32 };

static bool import_raw(
	struct arena *a, const struct json *jwk, enum key_alg alg, gnutls_pubkey_t public, const char **why)
{
	gnutls_datum_t n, e, x, y;
	*why = "one of its numbers is missing or malformed";
	switch (alg) {
	case KEY_RS256:
		return bytes_member(a, jwk, STR("n"), &n) && bytes_member(a, jwk, STR("e"), &e) &&
			gnutls_pubkey_import_rsa_raw(public, &n, &e) == 0;
	case KEY_ES256:
		return bytes_member(a, jwk, STR("x"), &x) && x.size == COORDINATE &&
			bytes_member(a, jwk, STR("y"), &y) && y.size == COORDINATE &&
			gnutls_pubkey_import_ecc_raw(public, GNUTLS_ECC_CURVE_SECP256R1, &x, &y) == 0;
	case KEY_EDDSA:
		return bytes_member(a, jwk, STR("x"), &x) && x.size == COORDINATE &&
			gnutls_pubkey_import_ecc_raw(public, GNUTLS_ECC_CURVE_ED25519, &x, NULL) == 0;
	default:
		BUG("algorithm %d of a JWK", (int)alg);
	}
}

bool jwk_import(struct arena *a, const struct json *jwk, enum key_alg alg, struct key *out, const char **why)
{
	if (json_get(jwk, STR("d"))) {
		*why = "it contains its private part: publish only the public half";
		return false;
	}
	gnutls_pubkey_t public = key_public_new(a);
	if (!import_raw(a, jwk, alg, public, why) || !key_from_public(public, out, why))
		return false;
	if (out->alg != alg)
		BUG("a JWK of %.*s became %.*s", STR_ARG(key_alg_name(alg)), STR_ARG(key_alg_name(out->alg)));
	return true;
}
