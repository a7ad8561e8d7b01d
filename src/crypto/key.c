/*
 * One key and the signature check. Keys are parsed once, when the store is loaded, so a check is one call of GnuTLS;
 * to hash first and pass the digest is not faster. It must never give out a weak key, and never use a key under
 * another algorithm than its own.
 */
#include "key.h"
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

enum {
	RSA_MIN_BITS = 2048,
	RSA_MAX_BITS = 8192, /* a check with a longer key takes a worker milliseconds */
	RSA_EXPONENT_BYTES = 4,
	HS256_MIN_BYTES = SHA256_SIZE, /* RFC 7518, 3.2 */
	COORDINATE = 32
};

#define PEM_BEGIN "-----BEGIN "

static const struct str alg_names[] = {
	[KEY_ES256] = { "ES256", 5 },
	[KEY_RS256] = { "RS256", 5 },
	[KEY_EDDSA] = { "EdDSA", 5 },
	[KEY_HS256] = { "HS256", 5 },
};
_Static_assert(COUNT_OF(alg_names) == KEY_ALG_COUNT, "each algorithm has a name");

struct str key_alg_name(enum key_alg alg)
{
	return alg_names[alg];
}

bool key_alg_parse(struct str s, enum key_alg *out)
{
	for (size_t i = 0; i < KEY_ALG_COUNT; i++) {
		if (str_eq(s, alg_names[i])) {
			*out = (enum key_alg)i;
			return true;
		}
	}
	return false;
}

static void release_public(void *key)
{
	gnutls_pubkey_deinit(key);
}

gnutls_pubkey_t key_public_new(struct arena *a)
{
	gnutls_pubkey_t key;
	if (gnutls_pubkey_init(&key) < 0)
		out_of_memory();
	return arena_adopt(a, key, release_public);
}

/* The exponent must be odd, above 1 and small, and the modulus odd. Otherwise the file is damaged or hostile. */
static bool rsa_is_sane(const gnutls_datum_t *n, const gnutls_datum_t *e)
{
	bool small = e->size >= 1 && e->size <= RSA_EXPONENT_BYTES;
	return small && (e->data[e->size - 1] & 1) == 1 && (e->size > 1 || e->data[0] > 1) && n->size > 0 &&
		(n->data[n->size - 1] & 1) == 1;
}

/* What is wrong with the numbers of an RSA key, or NULL. */
static const char *rsa_fault(gnutls_pubkey_t public)
{
	static const char senseless[] = "the modulus or exponent of the RSA key is not possible";
	gnutls_datum_t n, e;
	const char *fault = NULL;
	if (gnutls_pubkey_export_rsa_raw2(public, &n, &e, GNUTLS_EXPORT_FLAG_NO_LZ) < 0)
		return senseless;
	if (!rsa_is_sane(&n, &e))
		fault = senseless;
	else if (rsa_has_infineon_fingerprint(&n))
		fault =
			"the RSA key was made by Infineon's flawed library and is far weaker than its length suggests (ROCA, "
			"CVE-2017-15361): make a new key, not with that card or chip";
	gnutls_free(n.data);
	gnutls_free(e.data);
	return fault;
}

static bool is_p256(gnutls_pubkey_t public)
{
	gnutls_ecc_curve_t curve;
	return gnutls_pubkey_export_ecc_raw2(public, &curve, NULL, NULL, 0) == 0 &&
		curve == GNUTLS_ECC_CURVE_SECP256R1;
}

static bool rsa_from_public(gnutls_pubkey_t public, unsigned bits, struct key *out, const char **why)
{
	if (bits < RSA_MIN_BITS) {
		*why = "an RSA key below 2048 bits";
		return false;
	}
	if (bits > RSA_MAX_BITS) {
		*why = "an RSA key above 8192 bits";
		return false;
	}
	*why = rsa_fault(public);
	if (*why)
		return false;
	*out = (struct key){ .alg = KEY_RS256, .public = public, .signature_len = (bits + 7) / 8 };
	return true;
}

bool key_from_public(gnutls_pubkey_t public, struct key *out, const char **why)
{
	unsigned bits = 0;
	switch (gnutls_pubkey_get_pk_algorithm(public, &bits)) {
	case GNUTLS_PK_RSA:
		return rsa_from_public(public, bits, out, why);
	case GNUTLS_PK_ECDSA:
		if (!is_p256(public)) {
			*why = "a curve other than P-256";
			return false;
		}
		if (gnutls_pubkey_verify_params(public) < 0) {
			*why = "a point that is not on the curve";
			return false;
		}
		*out = (struct key){ .alg = KEY_ES256, .public = public, .signature_len = 2 * COORDINATE };
		return true;
	case GNUTLS_PK_EDDSA_ED25519:
		*out = (struct key){ .alg = KEY_EDDSA, .public = public, .signature_len = 64 };
		return true;
	default:
		*why = "a kind of key that is none of RSA, P-256, Ed25519";
		return false;
	}
}

static void release_certificate(void *certificate)
{
	gnutls_x509_crt_deinit(certificate);
}

static bool import_certificate(struct arena *a, const gnutls_datum_t *pem, gnutls_pubkey_t public)
{
	gnutls_x509_crt_t certificate;
	if (gnutls_x509_crt_init(&certificate) < 0)
		out_of_memory();
	arena_adopt(a, certificate, release_certificate);
	return gnutls_x509_crt_import(certificate, pem, GNUTLS_X509_FMT_PEM) == 0 &&
		gnutls_pubkey_import_x509(public, certificate, 0) == 0;
}

static size_t pem_objects(struct str pem)
{
	size_t count = 0;
	for (; !str_is_empty(pem); pem = str_skip(pem, 1))
		count += str_starts(pem, STR(PEM_BEGIN)) ? 1 : 0;
	return count;
}

bool key_from_pem(struct arena *a, struct str pem, struct key *out, const char **why)
{
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)pem.at, (unsigned)pem.len };
	gnutls_pubkey_t public = key_public_new(a);
	if (pem_objects(pem) > 1) {
		*why = "more than one object in PEM";
		return false;
	}
	if (gnutls_pubkey_import(public, &data, GNUTLS_X509_FMT_PEM) < 0 &&
		!import_certificate(a, &data, public)) {
		*why = "no public key or certificate in PEM";
		return false;
	}
	return key_from_public(public, out, why);
}

bool key_from_secret(struct str secret, struct key *out, const char **why)
{
	if (secret.len < HS256_MIN_BYTES) {
		*why = "a secret below 32 bytes";
		return false;
	}
	/* With a public key as the secret, anybody who has that key could sign tokens (T2). */
	if (str_starts(secret, STR(PEM_BEGIN))) {
		*why = "a PEM where a secret should be";
		return false;
	}
	*out = (struct key){ .alg = KEY_HS256, .secret = secret, .signature_len = SHA256_SIZE };
	return true;
}

static bool is_zero(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (at[i] != 0)
			return false;
	}
	return true;
}

static bool verifies_public(
	const struct key *key, gnutls_sign_algorithm_t how, struct str input, const gnutls_datum_t *signature)
{
	const gnutls_datum_t data = { (unsigned char *)(uintptr_t)input.at, (unsigned)input.len };
	return gnutls_pubkey_verify_data2(key->public, how, 0, &data, signature) >= 0;
}

/* A JWS has r and s side by side; GnuTLS needs them as DER. */
static bool verifies_ecdsa(const struct key *key, struct str input, struct str signature)
{
	if (is_zero(signature.at, COORDINATE) || is_zero(signature.at + COORDINATE, COORDINATE))
		return false;
	unsigned char *raw = (unsigned char *)(uintptr_t)signature.at;
	const gnutls_datum_t r = { raw, COORDINATE }, s = { raw + COORDINATE, COORDINATE };
	gnutls_datum_t der;
	if (gnutls_encode_rs_value(&der, &r, &s) < 0)
		return false;
	bool good = verifies_public(key, GNUTLS_SIGN_ECDSA_SHA256, input, &der);
	gnutls_free(der.data);
	return good;
}

static bool verifies_hmac(const struct key *key, struct str input, struct str signature)
{
	uint8_t mac[SHA256_SIZE];
	digest_hmac(key->secret, input, mac);
	return digest_equal(mac, signature.at, sizeof(mac));
}

bool key_verifies(const struct key *key, struct str input, struct str signature)
{
	if (signature.len != key->signature_len)
		return false;
	const gnutls_datum_t sig = { (unsigned char *)(uintptr_t)signature.at, (unsigned)signature.len };
	switch (key->alg) {
	case KEY_ES256:
		return verifies_ecdsa(key, input, signature);
	case KEY_RS256:
		return verifies_public(key, GNUTLS_SIGN_RSA_SHA256, input, &sig);
	case KEY_EDDSA:
		return verifies_public(key, GNUTLS_SIGN_EDDSA_ED25519, input, &sig);
	case KEY_HS256:
		return verifies_hmac(key, input, signature);
	case KEY_ALG_COUNT:
		break;
	}
	BUG("algorithm %d", (int)key->alg);
}
