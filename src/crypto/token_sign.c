/*
 * Makes keys and signs tokens, for the own issuer, tenantctl and the tests. GnuTLS makes the keys and signs EdDSA, which libjwt cannot
 * do; libjwt signs the rest. All input is checked before libjwt gets it, because libjwt takes any key under any
 * algorithm. It must never sign with a key that keystore_load would refuse.
 */
#include "core/buf.h"
#include "crypto/token.h"
#include "key.h"
#include <gnutls/x509.h>
#include <jwt.h>
#include <stdlib.h>

enum { RSA_NEW_BITS = 2048, COORDINATE = 32 };

static void release_private(void *key)
{
	gnutls_privkey_deinit(key);
}

static void release_jwt(void *jwt)
{
	jwt_free(jwt);
}

static void release_text(void *text)
{
	gnutls_memset(text, 0, strlen(text));
	free(text);
}

/* The public half of a private key, with the same checks of kind and strength as for a key of the store. */
static bool public_half(struct arena *a, gnutls_privkey_t private, struct key *out, struct error *err)
{
	const char *why;
	gnutls_pubkey_t public = key_public_new(a);
	if (gnutls_pubkey_import_privkey(public, private, 0, 0) < 0)
		return error_set(err, ERR_INVALID_REQUEST, "the private key does not give a public key");
	if (!key_from_public(public, out, &why))
		return error_set(err, ERR_INVALID_REQUEST, "the private key is refused: %s", why);
	return true;
}

static bool import_any(
	struct arena *a, struct str pem, gnutls_privkey_t *out, struct key *public, struct error *err)
{
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)pem.at, (unsigned)pem.len };
	if (gnutls_privkey_init(out) < 0)
		out_of_memory();
	arena_adopt(a, *out, release_private);
	if (gnutls_privkey_import_x509_raw(*out, &data, GNUTLS_X509_FMT_PEM, NULL, 0) < 0)
		return error_set(err, ERR_INVALID_REQUEST, "the key is not a private key in PEM");
	return public_half(a, *out, public, err);
}

static bool import_private(
	struct arena *a, struct str pem, enum key_alg alg, gnutls_privkey_t *out, struct error *err)
{
	struct key public;
	if (!import_any(a, pem, out, &public, err))
		return false;
	if (public.alg != alg)
		return error_set(err, ERR_INVALID_REQUEST, "the private key is one for %.*s, not for %.*s",
			STR_ARG(key_alg_name(public.alg)), STR_ARG(key_alg_name(alg)));
	return true;
}

static void release_datum(void *data)
{
	gnutls_free(data);
}

static bool sign_eddsa(struct arena *a, struct str kid, gnutls_privkey_t private, struct str claims,
	struct str *compact, struct error *err)
{
	struct buf header;
	gnutls_datum_t signature;
	buf_init(&header, a, LIMIT_TOKEN);
	buf_add_c(&header, "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"");
	if (!str_is_empty(kid)) {
		buf_add_c(&header, ",\"kid\":");
		buf_add_json(&header, kid);
	}
	buf_add_c(&header, "}");
	struct str first = buf_str(&header);
	struct str input = arena_printf(a, "%.*s.%.*s", STR_ARG(base64url_encode(a, first.at, first.len)),
		STR_ARG(base64url_encode(a, claims.at, claims.len)));
	const gnutls_datum_t data = { (unsigned char *)(uintptr_t)input.at, (unsigned)input.len };
	int rc = gnutls_privkey_sign_data2(private, GNUTLS_SIGN_EDDSA_ED25519, 0, &data, &signature);
	if (rc < 0)
		return error_log(err, ERR_INTERNAL, "signing failed: %s", gnutls_strerror(rc));
	arena_adopt(a, signature.data, release_datum);
	*compact = arena_printf(
		a, "%.*s.%.*s", STR_ARG(input), STR_ARG(base64url_encode(a, signature.data, signature.size)));
	return true;
}

static bool sign_libjwt(struct arena *a, enum key_alg alg, struct str kid, struct str key, struct str claims,
	struct str *compact, struct error *err)
{
	static const jwt_alg_t algs[] = {
		[KEY_ES256] = JWT_ALG_ES256, [KEY_RS256] = JWT_ALG_RS256, [KEY_HS256] = JWT_ALG_HS256
	};
	jwt_t *jwt;
	if (jwt_new(&jwt) != 0)
		out_of_memory();
	arena_adopt(a, jwt, release_jwt);
	if (jwt_add_grants_json(jwt, arena_cstr(a, claims)) != 0)
		return error_set(err, ERR_INVALID_REQUEST, "libjwt does not accept the claims");
	if (!str_is_empty(kid) && jwt_add_header(jwt, "kid", arena_cstr(a, kid)) != 0)
		return error_set(err, ERR_INVALID_REQUEST, "libjwt does not accept the kid");
	/* libjwt reads a PEM up to its NUL, but a secret by its length. */
	const unsigned char *copy = (const unsigned char *)arena_cstr(a, key);
	if (jwt_set_alg(jwt, algs[alg], copy, (int)key.len) != 0)
		return error_set(err, ERR_INVALID_REQUEST, "libjwt does not accept the key");
	char *text = jwt_encode_str(jwt);
	if (!text)
		return error_log(err, ERR_INTERNAL, "libjwt did not sign");
	arena_adopt(a, text, release_text);
	*compact = arena_str(a, str_c(text));
	return true;
}

bool token_sign(struct arena *a, struct str alg, struct str kid, struct str key, struct str claims,
	struct str *compact, struct error *err)
{
	enum key_alg which;
	gnutls_privkey_t private;
	struct key secret;
	const char *why;
	if (!key_alg_parse(alg, &which))
		return error_set(err, ERR_INVALID_REQUEST, "alg is none of ES256, RS256, EdDSA, HS256");
	if (kid.len > LIMIT_KID || str_has_control(kid) || !str_is_utf8(kid))
		return error_set(err, ERR_INVALID_REQUEST, "kid is too long or malformed");
	if (claims.len > LIMIT_TOKEN || key.len > LIMIT_KEY_FILE)
		return error_set(err, ERR_INVALID_REQUEST, "the claims or the key are too long");
	const struct json *object = json_parse(a, claims, err);
	if (!object)
		return false;
	if (json_kind(object) != JSON_OBJECT)
		return error_set(err, ERR_INVALID_REQUEST, "the claims are not a JSON object");
	if (which == KEY_HS256) {
		if (!key_from_secret(key, &secret, &why))
			return error_set(err, ERR_INVALID_REQUEST, "the key is refused: %s", why);
	} else if (!import_private(a, key, which, &private, err)) {
		return false;
	}
	bool done = which == KEY_EDDSA ? sign_eddsa(a, kid, private, claims, compact, err)
								   : sign_libjwt(a, which, kid, key, claims, compact, err);
	if (done && compact->len > LIMIT_TOKEN)
		return error_set(err, ERR_INVALID_REQUEST, "the token would be longer than %d bytes", LIMIT_TOKEN);
	return done;
}

/* An integer or a coordinate as a JWK writes it. A coordinate keeps its leading zeros (RFC 7518, 6.2.1.2). */
static struct str jwk_number(struct arena *a, const gnutls_datum_t *number, bool is_coordinate)
{
	if (!is_coordinate)
		return base64url_encode(a, number->data, number->size);
	uint8_t full[COORDINATE] = { 0 };
	if (number->size > sizeof(full))
		BUG("a coordinate of %u bytes", number->size);
	memcpy(full + sizeof(full) - number->size, number->data, number->size);
	return base64url_encode(a, full, sizeof(full));
}

static void add_numbers(struct arena *a, struct buf *jwk, const char *first, const char *second,
	const gnutls_datum_t numbers[2], bool are_coordinates)
{
	buf_printf(jwk, "\"%s\":\"%.*s\"", first, STR_ARG(jwk_number(a, &numbers[0], are_coordinates)));
	if (second)
		buf_printf(jwk, ",\"%s\":\"%.*s\"", second, STR_ARG(jwk_number(a, &numbers[1], are_coordinates)));
	gnutls_free(numbers[0].data);
	gnutls_free(numbers[1].data);
}

static struct str public_jwk_text(struct arena *a, const struct key *key, struct str kid)
{
	struct buf jwk;
	gnutls_datum_t numbers[2] = { { NULL, 0 }, { NULL, 0 } };
	gnutls_ecc_curve_t curve;
	int rc;
	buf_init(&jwk, a, LIMIT_TOKEN);
	buf_printf(&jwk, "{\"alg\":\"%.*s\",\"use\":\"sig\",", STR_ARG(key_alg_name(key->alg)));
	if (!str_is_empty(kid)) {
		buf_add_c(&jwk, "\"kid\":");
		buf_add_json(&jwk, kid);
		buf_add_c(&jwk, ",");
	}
	if (key->alg == KEY_RS256) {
		rc = gnutls_pubkey_export_rsa_raw2(key->public, &numbers[0], &numbers[1], GNUTLS_EXPORT_FLAG_NO_LZ);
		buf_add_c(&jwk, "\"kty\":\"RSA\",");
		add_numbers(a, &jwk, "n", "e", numbers, false);
	} else {
		bool is_okp = key->alg == KEY_EDDSA;
		rc = gnutls_pubkey_export_ecc_raw2(
			key->public, &curve, &numbers[0], &numbers[1], GNUTLS_EXPORT_FLAG_NO_LZ);
		buf_printf(
			&jwk, "\"kty\":\"%s\",\"crv\":\"%s\",", is_okp ? "OKP" : "EC", is_okp ? "Ed25519" : "P-256");
		add_numbers(a, &jwk, "x", is_okp ? NULL : "y", numbers, true);
	}
	if (rc < 0)
		BUG("a new key has no public numbers: %s", gnutls_strerror(rc));
	buf_add_c(&jwk, "}");
	return buf_str(&jwk);
}

static void release_x509(void *key)
{
	gnutls_x509_privkey_deinit(key);
}

static bool generate(struct arena *a, enum key_alg alg, gnutls_privkey_t private, struct str *pem)
{
	static const gnutls_pk_algorithm_t kinds[] = {
		[KEY_ES256] = GNUTLS_PK_ECDSA, [KEY_RS256] = GNUTLS_PK_RSA, [KEY_EDDSA] = GNUTLS_PK_EDDSA_ED25519
	};
	static const unsigned bits[] = {
		[KEY_ES256] = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
		[KEY_RS256] = RSA_NEW_BITS,
		[KEY_EDDSA] = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519),
	};
	gnutls_x509_privkey_t key;
	gnutls_datum_t text;
	if (gnutls_x509_privkey_init(&key) < 0)
		out_of_memory();
	arena_adopt(a, key, release_x509);
	if (gnutls_x509_privkey_generate(key, kinds[alg], bits[alg], 0) < 0 ||
		gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &text) < 0)
		return false;
	*pem = arena_str(a, str_of((const char *)text.data, text.size));
	gnutls_memset(text.data, 0, text.size);
	gnutls_free(text.data);
	return gnutls_privkey_import_x509(private, key, GNUTLS_PRIVKEY_IMPORT_COPY) == 0;
}

bool token_key_new(struct arena *a, struct str alg, struct str kid, struct str *private_key,
	struct str *public_jwk, struct error *err)
{
	enum key_alg which;
	gnutls_privkey_t private;
	struct key public;
	if (!key_alg_parse(alg, &which))
		return error_set(err, ERR_INVALID_REQUEST, "alg is none of ES256, RS256, EdDSA, HS256");
	if (kid.len > LIMIT_KID || str_has_control(kid) || !str_is_utf8(kid))
		return error_set(err, ERR_INVALID_REQUEST, "kid is too long or malformed");
	if (which == KEY_HS256) {
		uint8_t secret[SHA256_SIZE];
		digest_random(secret, sizeof(secret));
		*private_key = base64url_encode(a, secret, sizeof(secret));
		*public_jwk = STR("");
		gnutls_memset(secret, 0, sizeof(secret));
		return true;
	}
	if (gnutls_privkey_init(&private) < 0)
		out_of_memory();
	arena_adopt(a, private, release_private);
	if (!generate(a, which, private, private_key))
		return error_log(err, ERR_INTERNAL, "no %.*s key could be made", STR_ARG(key_alg_name(which)));
	if (!public_half(a, private, &public, err))
		return false;
	*public_jwk = public_jwk_text(a, &public, kid);
	return true;
}

bool token_key_public(struct arena *a, struct str private_key, struct str kid, struct str *alg,
	struct str *public_jwk, struct error *err)
{
	gnutls_privkey_t private;
	struct key public;
	if (!import_any(a, private_key, &private, &public, err))
		return false;
	*alg = key_alg_name(public.alg);
	*public_jwk = public_jwk_text(a, &public, kid);
	return true;
}
