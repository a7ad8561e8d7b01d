/* Which keys a store refuses to load, which it skips, and which it takes. */
#include "core/buf.h"
#include "test_crypto.h"
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <sys/stat.h>

static struct keystore *load(const struct issuer_config *issuers, size_t count, struct error *err)
{
	struct config *config = ARENA_NEW(provider->arena, struct config);
	for (size_t i = 0; i < count; i++)
		config->issuers[i] = issuers[i];
	config->issuer_count = count;
	*err = (struct error)ERROR_INIT;
	return keystore_load(provider->arena, config, err);
}

/* Loading refuses, and the operator is told these words. */
static void refuses(const struct issuer_config *issuers, size_t count, const char *words)
{
	struct error err;
	CU_ASSERT_PTR_NULL(load(issuers, count, &err));
	CU_ASSERT_NOT_EQUAL(err.code, ERR_NONE);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, words));
	if (!strstr(err.operator, words))
		printf("\n    \"%s\" without \"%s\"\n", err.operator, words);
}

static struct issuer_config with_jwks(const char *algorithms, struct str text)
{
	struct issuer_config issuer = provider_issuer(provider, "tried", "https://tried.example", algorithms);
	issuer.jwks_file = provider_file(provider, "tried.json", text);
	return issuer;
}

static void refuses_jwks(const char *algorithms, struct str text, const char *words)
{
	struct issuer_config issuer = with_jwks(algorithms, text);
	refuses(&issuer, 1, words);
}

/* A set of the good ES256 key and this one. */
static struct str beside_good(struct str jwk)
{
	return provider_jwks(provider, (const struct str[]){ provider->jwk_es, jwk }, 2);
}

static void refuses_jwk(struct str jwk, const char *words)
{
	refuses_jwks("ES256,RS256,EdDSA", beside_good(jwk), words);
}

/* The text with the first `old` in it replaced. */
static struct str replaced(struct str text, const char *old, const char *new)
{
	const char *at = strstr(text.at, old);
	if (!at)
		BUG("no %s in %s", old, text.at);
	return arena_printf(arena, "%.*s%s%s", (int)(at - text.at), text.at, new, at + strlen(old));
}

static struct str rsa_jwk(const void *n, size_t n_len, const void *e, size_t e_len)
{
	struct str n_text = base64url_encode(arena, n, n_len), e_text = base64url_encode(arena, e, e_len);
	return arena_printf(arena, "{\"kty\":\"RSA\",\"kid\":\"r\",\"n\":\"%.*s\",\"e\":\"%.*s\"}",
		STR_ARG(n_text), STR_ARG(e_text));
}

static void T3_an_issuer_without_keys_refuses_to_start(void)
{
	struct issuer_config issuer = provider_issuer(provider, "bare", "https://bare.example", "ES256");
	refuses(&issuer, 1, "issuer \"bare\": no key for algorithm \"ES256\"");
	refuses(NULL, 0, "1 to 16 issuers");
	refuses_jwks("ES256", STR("{\"keys\":[]}"), "no key for algorithm \"ES256\"");
	issuer.algorithms.count = 0;
	refuses(&issuer, 1, "algorithms");
}

/* The issuers whose keys are asked for when a token of this issuer and alg comes, with a kid that nobody has. */
static uint32_t asked_for(struct keystore *of, const char *iss, const char *alg)
{
	struct error err = ERROR_INIT;
	struct token_claims claims;
	_Atomic uint32_t wanted = 0;
	struct str header = arena_printf(arena, "{\"alg\":\"%s\",\"kid\":\"young\"}", alg);
	struct str compact = craft(arena, alg, strcmp(alg, "RS256") == 0 ? provider->rs : provider->es, header,
		CLAIMS(arena, iss, { NULL, NULL }));
	keystore_ask(of, &wanted);
	CU_ASSERT_FALSE(token_verify(of, arena, compact, 0, &claims, &err));
	CU_ASSERT_EQUAL(err.code, ERR_UNAUTHENTICATED);
	return wanted;
}

/* T8. tenantd starts while an issuer is away whose keys are fetched; what it fetched before must be good, like any file. */
static void an_issuer_whose_keys_are_fetched_may_have_none_yet(void)
{
	struct error err;
	struct issuer_config issuers[2] = { provider->config.issuers[0],
		provider_issuer(provider, "far", "https://far.example", "ES256") };
	issuers[1].jwks_url = STR("https://far.example/keys");
	issuers[1].jwks_file = STR("/nowhere/far.json");
	struct keystore *found = load(issuers, 2, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(found);
	CU_ASSERT_EQUAL(
		asked_for(found, "https://far.example", "RS256"), 0); /* nothing of this kind would be taken */
	CU_ASSERT_EQUAL(asked_for(found, ISS_MAIN, "ES256"), 0); /* this issuer's keys are not fetched */
	CU_ASSERT_EQUAL(asked_for(found, "https://far.example", "ES256"), 2);
	issuers[1].jwks_file = provider_file(provider, "far.json", STR("{\"keys\":[]}"));
	refuses(issuers, 2, "no key for algorithm \"ES256\"");
}

static void T3_a_configured_algorithm_without_a_key_refuses_to_start(void)
{
	refuses_jwks(
		"ES256,EdDSA", provider_jwks(provider, &provider->jwk_es, 1), "no key for algorithm \"EdDSA\"");
	refuses_jwks("ES256,es256", provider_jwks(provider, &provider->jwk_es, 1), "unknown algorithm \"es256\"");
	refuses_jwks("none", provider_jwks(provider, &provider->jwk_es, 1), "unknown algorithm \"none\"");
}

static void T16_a_weak_rsa_key_refuses_to_start(void)
{
	uint8_t n[1025];
	memset(n, 0xc5, sizeof(n));
	const char *words = "below 2048 bits";
	refuses_jwk(rsa_jwk(n, 128, "\1\0\1", 3), words);
	refuses_jwk(rsa_jwk(n, 255, "\1\0\1", 3), words);
	n[0] = 0x45; /* 2047 bits */
	refuses_jwk(rsa_jwk(n, 256, "\1\0\1", 3), words);
	n[0] = 0; /* zeros in front do not make it longer */
	n[1] = 0;
	refuses_jwk(rsa_jwk(n, 257, "\1\0\1", 3), words);
	memset(n, 0xc5, sizeof(n));
	refuses_jwk(rsa_jwk(n, 1025, "\1\0\1", 3), "above 8192 bits");
}

static void T16_a_weak_rsa_key_in_pem_refuses_to_start(void)
{
	gnutls_privkey_t weak;
	gnutls_pubkey_t public;
	gnutls_datum_t pem;
	CU_ASSERT_EQUAL(gnutls_privkey_init(&weak), 0);
	CU_ASSERT_EQUAL(gnutls_privkey_generate(weak, GNUTLS_PK_RSA, 1024, 0), 0);
	CU_ASSERT_EQUAL(gnutls_pubkey_init(&public), 0);
	CU_ASSERT_EQUAL(gnutls_pubkey_import_privkey(public, weak, 0, 0), 0);
	CU_ASSERT_EQUAL(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_PEM, &pem), 0);
	struct issuer_config issuer = provider_issuer(provider, "tried", "https://tried.example", "RS256");
	issuer.pem_file = provider_file(provider, "weak.pem", str_of((const char *)pem.data, pem.size));
	refuses(&issuer, 1, "below 2048 bits");
	gnutls_free(pem.data);
	gnutls_pubkey_deinit(public);
	gnutls_privkey_deinit(weak);
}

static void T16_a_senseless_rsa_key_refuses_to_start(void)
{
	uint8_t n[256];
	memset(n, 0xc5, sizeof(n));
	const char *words = "is not possible";
	refuses_jwk(rsa_jwk(n, sizeof(n), "\1", 1), words);
	refuses_jwk(rsa_jwk(n, sizeof(n), "\2", 1), words);
	refuses_jwk(rsa_jwk(n, sizeof(n), "\1\0\0", 3), words);
	refuses_jwk(rsa_jwk(n, sizeof(n), "\1\0\0\0\1", 5), words);
	n[255] = 0xc4;
	refuses_jwk(rsa_jwk(n, sizeof(n), "\1\0\1", 3), words);
	struct error err;
	n[255] = 0xc5;
	struct issuer_config issuer = with_jwks("ES256,RS256", beside_good(rsa_jwk(n, sizeof(n), "\1\0\1", 3)));
	CU_ASSERT_PTR_NOT_NULL(load(&issuer, 1, &err));
}

static void T16_a_short_secret_refuses_to_start(void)
{
	struct issuer_config issuer = provider_issuer(provider, "tried", "https://tried.example", "HS256");
	struct error err;
	issuer.hs256_secret_file = provider_file(provider, "short", STR("0123456789012345678901234567890\n"));
	refuses(&issuer, 1, "below 32 bytes");
	issuer.hs256_secret_file = provider_file(provider, "short", STR("01234567890123456789012345678901\n"));
	CU_ASSERT_PTR_NOT_NULL(load(&issuer, 1, &err));
}

static void T116_a_secret_that_others_can_read_refuses_to_start(void)
{
	struct issuer_config issuer = provider_issuer(provider, "tried", "https://tried.example", "HS256");
	issuer.hs256_secret_file = provider_file(provider, "open", provider->secret);
	CU_ASSERT_EQUAL(chmod(issuer.hs256_secret_file.at, 0644), 0);
	refuses(&issuer, 1, "hs256_secret_file");
}

static void T2_a_public_key_is_no_secret(void)
{
	struct issuer_config issuer = provider_issuer(provider, "tried", "https://tried.example", "HS256");
	issuer.hs256_secret_file = provider_file(provider, "pem-as-secret", provider->rs_public);
	refuses(&issuer, 1, "a PEM where a secret should be");
}

static void a_shared_secret_in_a_jwks_refuses_to_start(void)
{
	refuses_jwk(STR("{\"kty\":\"oct\",\"kid\":\"h\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"),
		"key \"h\": it is a shared secret");
}

static void a_private_part_in_a_jwks_refuses_to_start(void)
{
	refuses_jwk(replaced(replaced(provider->jwk_ed, "{", "{\"d\":\"AAAA\","), "ed1", "ed2"), "private part");
}

static void a_malformed_key_refuses_to_start(void)
{
	static const char *const changes[][2] = {
		{ "\"kty\":\"EC\"", "\"kty\":7" },
		{ "\"crv\":\"P-256\",", "" },
		{ "\"x\":\"", "\"x\":\"=" },
		{ "\"x\":\"", "\"x\":\"AAAA" },
		{ "\"y\":\"", "\"z\":\"" },
		{ "\"alg\":\"ES256\"", "\"alg\":\"RS256\"" },
		{ "\"alg\":\"ES256\"", "\"alg\":\"HS256\"" },
		{ "\"alg\":\"ES256\"", "\"alg\":null" },
		{ "\"use\":\"sig\"", "\"use\":[]" },
		{ "\"kid\":\"es1\"", "\"kid\":1" },
		{ "\"kid\":\"es1\"", "\"kid\":\"\"" },
		{ "\"kid\":\"es1\"", "\"kid\":\"a\\nb\"" },
		{ "\"kid\":\"es1\"", "\"kid\":\"es2\",\"key_ops\":\"verify\"" },
	};
	for (size_t i = 0; i < COUNT_OF(changes); i++)
		refuses_jwk(replaced(provider->jwk_es, changes[i][0], changes[i][1]), "issuer \"tried\": key \"");
	refuses_jwk(STR("7"), "not an object");
	refuses_jwk(
		replaced(provider->jwk_ed, "\"x\":\"", "\"x\":\"AAAA"), "its numbers is missing or malformed");
}

static void a_point_off_the_curve_refuses_to_start(void)
{
	uint8_t x[32];
	memset(x, 7, sizeof(x));
	struct str text = base64url_encode(arena, x, sizeof(x));
	refuses_jwk(
		arena_printf(arena, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"p\",\"x\":\"%.*s\",\"y\":\"%.*s\"}",
			STR_ARG(text), STR_ARG(text)),
		"not on the curve");
}

static void a_file_that_is_no_jwks_refuses_to_start(void)
{
	refuses_jwks("ES256", STR("{}"), "no array \"keys\"");
	refuses_jwks("ES256", STR("{\"keys\":{}}"), "no array \"keys\"");
	refuses_jwks("ES256", STR("[]"), "no array \"keys\"");
	refuses_jwks("ES256", STR("{\"keys\":[],\"keys\":[]}"), "not JSON");
	refuses_jwks("ES256", STR("not json"), "not JSON");
	struct issuer_config issuer = provider_issuer(provider, "tried", "https://tried.example", "ES256");
	issuer.jwks_file = STR("/nonexistent/jwks.json");
	refuses(&issuer, 1, "jwks_file");
}

static void keys_for_other_ends_are_passed_over(void)
{
	static const char *const others[] = {
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"enc\",\"kid\":\"o\"}",
		"{\"kty\":\"EC\",\"crv\":\"P-384\",\"use\":\"sig\",\"kid\":\"o\",\"alg\":\"ES384\"}",
		"{\"kty\":\"OKP\",\"crv\":\"X25519\",\"kid\":\"o\"}",
		"{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"kid\":\"o\"}",
		"{\"kty\":\"AKP\",\"kid\":\"o\",\"alg\":\"ML-DSA-44\"}",
		"{\"kty\":\"RSA\",\"alg\":\"PS256\",\"kid\":\"o\"}",
		"{\"kty\":\"RSA\",\"alg\":\"RSA-OAEP\",\"use\":\"enc\",\"kid\":\"o\"}",
		"{\"kty\":\"RSA\",\"key_ops\":[\"encrypt\"],\"kid\":\"o\"}",
		"{\"kty\":\"RSA\",\"alg\":\"RS256\",\"kid\":\"o\"}", /* RS256 is not one of this issuer's */
	};
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		struct error err;
		struct issuer_config issuer = with_jwks("ES256", beside_good(str_c(others[i])));
		CU_ASSERT_PTR_NOT_NULL(load(&issuer, 1, &err));
	}
}

static void a_key_outside_the_issuers_algorithms_verifies_nothing(void)
{
	struct error err;
	struct token_claims claims;
	struct issuer_config issuer = with_jwks("ES256", beside_good(provider->jwk_ed));
	struct keystore *own = load(&issuer, 1, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(own);
	struct str text = CLAIMS(arena, "https://tried.example", { NULL, NULL });
	struct str es = craft(arena, "ES256", provider->es, H_ES, text);
	struct str ed = craft(arena, "EdDSA", provider->ed, H_ED, text);
	CU_ASSERT_TRUE(token_verify(own, arena, es, 30, &claims, &err));
	CU_ASSERT_FALSE(token_verify(own, arena, ed, 30, &claims, &err));
}

static void keys_that_cannot_be_told_apart_refuse_to_start(void)
{
	struct str again[2] = { provider->jwk_es, provider->jwk_es };
	refuses_jwks("ES256", provider_jwks(provider, again, 2), "two ES256 keys have the kid \"es1\"");
	again[0] = again[1] = replaced(provider->jwk_es, "\"kid\":\"es1\",", "");
	refuses_jwks("ES256", provider_jwks(provider, again, 2), "two ES256 keys have the kid \"\"");
	/* another alg under the same kid is told apart */
	struct error err;
	struct issuer_config issuer =
		with_jwks("ES256,EdDSA", beside_good(replaced(provider->jwk_ed, "ed1", "es1")));
	CU_ASSERT_PTR_NOT_NULL(load(&issuer, 1, &err));
}

static void two_issuers_of_one_name_refuse_to_start(void)
{
	struct issuer_config both[2] = { provider->config.issuers[0], provider->config.issuers[1] };
	both[1].issuer = both[0].issuer;
	refuses(both, 2, "another section has the same");
}

static void an_issuer_has_at_most_32_keys(void)
{
	struct str jwks[LIMIT_KEYS + 1];
	struct error err;
	for (size_t i = 0; i < COUNT_OF(jwks); i++) {
		struct str kid = arena_printf(arena, "\"k%zu\"", i);
		jwks[i] = replaced(provider->jwk_es, "\"es1\"", kid.at);
	}
	struct issuer_config issuer = with_jwks("ES256", provider_jwks(provider, jwks, LIMIT_KEYS));
	CU_ASSERT_PTR_NOT_NULL(load(&issuer, 1, &err));
	refuses_jwks("ES256", provider_jwks(provider, jwks, LIMIT_KEYS + 1), "more than 32 keys");
}

static void a_jwk_without_alg_gets_it_from_its_kind(void)
{
	struct error err;
	struct token_claims claims;
	struct str jwks[3] = { replaced(provider->jwk_es, "\"alg\":\"ES256\",", ""),
		replaced(provider->jwk_rs, "\"alg\":\"RS256\",\"use\":\"sig\",", "\"key_ops\":[\"verify\"],"),
		replaced(provider->jwk_ed, "\"alg\":\"EdDSA\",", "") };
	struct issuer_config issuer = with_jwks("ES256,RS256,EdDSA", provider_jwks(provider, jwks, 3));
	struct keystore *own = load(&issuer, 1, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(own);
	struct str text = CLAIMS(arena, "https://tried.example", { NULL, NULL });
	CU_ASSERT_TRUE(
		token_verify(own, arena, craft(arena, "ES256", provider->es, H_ES, text), 30, &claims, &err));
	CU_ASSERT_TRUE(
		token_verify(own, arena, craft(arena, "RS256", provider->rs, H_RS, text), 30, &claims, &err));
	CU_ASSERT_TRUE(
		token_verify(own, arena, craft(arena, "EdDSA", provider->ed, H_ED, text), 30, &claims, &err));
}

/* As some Java libraries write it, though RFC 7518 says not to. */
static void a_zero_before_an_rsa_modulus_does_no_harm(void)
{
	struct error err;
	struct token_claims claims;
	uint8_t n[257] = { 0 };
	size_t len = 0;
	struct str text;
	const struct json *jwk = json_parse(arena, provider->jwk_rs, &err);
	CU_ASSERT_TRUE(json_string(json_get(jwk, STR("n")), &text));
	CU_ASSERT_TRUE(base64url_decode(text, n + 1, 256, &len));
	struct str zeroed = rsa_jwk(n, len + 1, "\0\1\0\1", 4);
	struct issuer_config issuer = with_jwks("RS256", provider_jwks(provider, &zeroed, 1));
	struct keystore *own = load(&issuer, 1, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(own);
	text = CLAIMS(arena, "https://tried.example", { NULL, NULL });
	struct str compact = craft(arena, "RS256", provider->rs, STR("{\"alg\":\"RS256\",\"kid\":\"r\"}"), text);
	CU_ASSERT_TRUE(token_verify(own, arena, compact, 30, &claims, &err));
}

static void a_pem_file_holds_one_public_key(void)
{
	struct issuer_config issuer = provider_issuer(provider, "tried", "https://tried.example", "RS256");
	struct str twice =
		arena_printf(arena, "%.*s%.*s", STR_ARG(provider->rs_public), STR_ARG(provider->rs_public));
	issuer.pem_file = provider_file(provider, "tried.pem", twice);
	refuses(&issuer, 1, "more than one object");
	issuer.pem_file = provider_file(provider, "tried.pem", provider->rs);
	refuses(&issuer, 1, "no public key or certificate");
	issuer.pem_file = provider_file(
		provider, "tried.pem", STR("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
	refuses(&issuer, 1, "no public key or certificate");
	issuer.algorithms.at[0] = STR("ES256");
	issuer.pem_file = provider_file(provider, "tried.pem", provider->rs_public);
	refuses(&issuer, 1, "no key for algorithm \"ES256\"");
}

/* A certificate over the provider's ES256 key. */
static struct str certificate(void)
{
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
	gnutls_datum_t pem = { (unsigned char *)(uintptr_t)provider->es.at, (unsigned)provider->es.len }, out;
	CU_ASSERT_EQUAL(gnutls_x509_privkey_init(&key), 0);
	CU_ASSERT_EQUAL(gnutls_x509_privkey_import(key, &pem, GNUTLS_X509_FMT_PEM), 0);
	CU_ASSERT_EQUAL(gnutls_x509_crt_init(&crt), 0);
	CU_ASSERT_EQUAL(gnutls_x509_crt_set_version(crt, 3), 0);
	CU_ASSERT_EQUAL(gnutls_x509_crt_set_serial(crt, "\1", 1), 0);
	CU_ASSERT_EQUAL(gnutls_x509_crt_set_dn(crt, "CN=tried", NULL), 0);
	CU_ASSERT_EQUAL(gnutls_x509_crt_set_activation_time(crt, 1000000000), 0);
	CU_ASSERT_EQUAL(gnutls_x509_crt_set_expiration_time(crt, 2000000000), 0);
	CU_ASSERT_EQUAL(gnutls_x509_crt_set_key(crt, key), 0);
	CU_ASSERT_EQUAL(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
	CU_ASSERT_EQUAL(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &out), 0);
	struct str text = arena_str(arena, str_of((const char *)out.data, out.size));
	gnutls_free(out.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
	return text;
}

static void a_certificate_is_taken_for_its_key(void)
{
	struct error err;
	struct token_claims claims;
	struct issuer_config issuer = provider_issuer(provider, "tried", "https://tried.example", "ES256");
	issuer.pem_file = provider_file(provider, "certificate.pem", certificate());
	struct keystore *own = load(&issuer, 1, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(own);
	struct str text = CLAIMS(arena, "https://tried.example", { NULL, NULL });
	struct str header = STR("{\"alg\":\"ES256\"}");
	CU_ASSERT_TRUE(
		token_verify(own, arena, craft(arena, "ES256", provider->es, header, text), 30, &claims, &err));
}

const struct unit_test keystore_tests[] = {
	TEST(T3_an_issuer_without_keys_refuses_to_start),
	TEST(an_issuer_whose_keys_are_fetched_may_have_none_yet),
	TEST(T3_a_configured_algorithm_without_a_key_refuses_to_start),
	TEST(T16_a_weak_rsa_key_refuses_to_start),
	TEST(T16_a_weak_rsa_key_in_pem_refuses_to_start),
	TEST(T16_a_senseless_rsa_key_refuses_to_start),
	TEST(T16_a_short_secret_refuses_to_start),
	TEST(T116_a_secret_that_others_can_read_refuses_to_start),
	TEST(T2_a_public_key_is_no_secret),
	TEST(a_shared_secret_in_a_jwks_refuses_to_start),
	TEST(a_private_part_in_a_jwks_refuses_to_start),
	TEST(a_malformed_key_refuses_to_start),
	TEST(a_point_off_the_curve_refuses_to_start),
	TEST(a_file_that_is_no_jwks_refuses_to_start),
	TEST(keys_for_other_ends_are_passed_over),
	TEST(a_key_outside_the_issuers_algorithms_verifies_nothing),
	TEST(keys_that_cannot_be_told_apart_refuse_to_start),
	TEST(two_issuers_of_one_name_refuse_to_start),
	TEST(an_issuer_has_at_most_32_keys),
	TEST(a_jwk_without_alg_gets_it_from_its_kind),
	TEST(a_zero_before_an_rsa_modulus_does_no_harm),
	TEST(a_pem_file_holds_one_public_key),
	TEST(a_certificate_is_taken_for_its_key),
};
const size_t keystore_test_count = COUNT_OF(keystore_tests);
