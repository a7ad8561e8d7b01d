/* What token_sign and token_key_new make, and whether libjwt agrees about those tokens. */
#include "test_crypto.h"
#include <jwt.h>

static struct str sign(const char *alg, const char *kid, struct str key, struct str claims)
{
	struct str compact = STR("");
	struct error err = ERROR_INIT;
	bool done = token_sign(arena, str_c(alg), str_c(kid), key, claims, &compact, &err);
	CU_ASSERT_TRUE(done);
	if (!done)
		printf("\n    not signed: %s %s\n", err.detail, err.operator);
	return compact;
}

static struct str signature_of(struct str compact)
{
	struct str part[3];
	size_t len = 0;
	for (int i = 0; i < 3; i++)
		compact = str_split(compact, '.', &part[i]);
	char *raw = arena_alloc(arena, part[2].len + 1);
	CU_ASSERT_TRUE(base64url_decode(part[2], raw, part[2].len, &len));
	return str_of(raw, len);
}

static void what_is_signed_here_is_taken_here(void)
{
	struct str claims = CLAIMS(arena, ISS_MAIN, { "app_metadata", "{\"tenant_id\":\"t-1\"}" });
	CU_ASSERT_TRUE(str_eq(accepted(sign("ES256", "es1", provider->es, claims)).tenant, STR("t-1")));
	CU_ASSERT_TRUE(str_eq(accepted(sign("RS256", "rs1", provider->rs, claims)).tenant, STR("t-1")));
	CU_ASSERT_TRUE(str_eq(accepted(sign("EdDSA", "ed1", provider->ed, claims)).tenant, STR("t-1")));
	CU_ASSERT_TRUE(str_eq(accepted(sign("EdDSA", "", provider->ed, claims)).tenant, STR("t-1")));
	struct str shared = CLAIMS(arena, ISS_SHARED, { NULL, NULL });
	accepted(sign("HS256", "", provider->secret, shared));
}

/* r or s begins with a zero byte once in 128 signatures: libjwt's other flavour gets even the rest wrong. */
static void T15_every_es256_signature_has_64_bytes(void)
{
	bool short_half = false;
	for (int i = 0; i < 2000 && !(short_half && i >= 300); i++) {
		struct str sub = arena_printf(arena, "\"user-%d\"", i);
		struct str compact = sign("ES256", "es1", provider->es, CLAIMS(arena, ISS_MAIN, { "sub", sub.at }));
		struct str raw = signature_of(compact);
		CU_ASSERT_EQUAL(raw.len, 64);
		bool zero = raw.len == 64 && (raw.at[0] == 0 || raw.at[32] == 0);
		if (zero || i < 20)
			accepted(compact);
		short_half = short_half || zero;
	}
	CU_ASSERT_TRUE(short_half);
}

static void signing_refuses_what_verifying_would(void)
{
	static const char *const algs[] = { "none", "es256", "HS384", "PS256", "" };
	struct str claims = CLAIMS(arena, ISS_MAIN, { NULL, NULL }), out = STR("untouched");
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < COUNT_OF(algs); i++)
		CU_ASSERT_FALSE(token_sign(arena, str_c(algs[i]), STR(""), provider->es, claims, &out, &err));
	const struct {
		const char *alg;
		struct str key;
	} crossed[] = {
		{ "ES256", provider->rs },
		{ "ES256", provider->ed },
		{ "RS256", provider->es },
		{ "EdDSA", provider->es },
		{ "RS256", provider->rs_public },
		{ "RS256", provider->secret },
		{ "HS256", provider->rs },
		{ "HS256", provider->rs_public },
		{ "HS256", STR("0123456789012345678901234567890") },
		{ "ES256", STR("") },
	};
	for (size_t i = 0; i < COUNT_OF(crossed); i++) {
		err = (struct error)ERROR_INIT;
		CU_ASSERT_FALSE(
			token_sign(arena, str_c(crossed[i].alg), STR(""), crossed[i].key, claims, &out, &err));
		CU_ASSERT_EQUAL(err.code, ERR_INVALID_REQUEST);
	}
	static const char *const bad[] = { "", "[]", "{", "{\"a\":1,\"a\":2}", "{\"a\":NaN}" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_FALSE(token_sign(arena, STR("EdDSA"), STR(""), provider->ed, str_c(bad[i]), &out, &err));
	CU_ASSERT_FALSE(token_sign(arena, STR("EdDSA"), STR("a\nb"), provider->ed, claims, &out, &err));
	char *fill = arena_alloc(arena, LIMIT_TOKEN);
	memset(fill, 'x', LIMIT_TOKEN - 100);
	claims = arena_printf(arena, "{\"a\":\"%s\"}", fill);
	CU_ASSERT_FALSE(token_sign(arena, STR("ES256"), STR(""), provider->es, claims, &out, &err));
}

static void a_kid_is_written_as_json(void)
{
	struct str claims = CLAIMS(arena, ISS_MAIN, { NULL, NULL });
	static const char *const algs[] = { "ES256", "EdDSA" };
	for (size_t i = 0; i < COUNT_OF(algs); i++) {
		struct str compact = sign(algs[i], "a\"b\\", i == 0 ? provider->es : provider->ed, claims), first;
		char header[256];
		size_t len = 0;
		struct str kid = STR("");
		struct error err = ERROR_INIT;
		(void)str_split(compact, '.', &first);
		CU_ASSERT_TRUE(base64url_decode(first, header, sizeof(header), &len));
		const struct json *v = json_parse(arena, str_of(header, len), &err);
		CU_ASSERT_TRUE(json_string(json_get(v, STR("kid")), &kid));
		CU_ASSERT_TRUE(str_eq(kid, STR("a\"b\\")));
	}
}

static void two_new_keys_differ(void)
{
	static const char *const algs[] = { "ES256", "EdDSA", "HS256" };
	for (size_t i = 0; i < COUNT_OF(algs); i++) {
		struct str key[2], jwk[2];
		struct error err = ERROR_INIT;
		CU_ASSERT_TRUE(token_key_new(arena, str_c(algs[i]), STR("k"), &key[0], &jwk[0], &err));
		CU_ASSERT_TRUE(token_key_new(arena, str_c(algs[i]), STR("k"), &key[1], &jwk[1], &err));
		CU_ASSERT_FALSE(str_eq(key[0], key[1]));
		CU_ASSERT_TRUE(i == 2 ? str_is_empty(jwk[0]) : !str_eq(jwk[0], jwk[1]));
		CU_ASSERT_PTR_NULL(strstr(jwk[0].at, "\"d\""));
	}
	struct str key, jwk;
	struct error err = ERROR_INIT;
	CU_ASSERT_FALSE(token_key_new(arena, STR("RS512"), STR("k"), &key, &jwk, &err));
}

/* Every coordinate has its 32 bytes, also those that begin with a zero: once in 128 keys. */
static void a_new_jwk_keeps_the_zeros_of_its_coordinates(void)
{
	bool short_one = false;
	for (int i = 0; i < 2000 && !short_one; i++) {
		struct str key, jwk, text;
		struct error err = ERROR_INIT;
		CU_ASSERT_TRUE(token_key_new(arena, STR("ES256"), STR("k"), &key, &jwk, &err));
		const struct json *v = json_parse(arena, jwk, &err);
		for (int c = 0; c < 2; c++) {
			char raw[33];
			size_t len = 0;
			CU_ASSERT_TRUE(json_string(json_get(v, c ? STR("y") : STR("x")), &text));
			CU_ASSERT_TRUE(base64url_decode(text, raw, sizeof(raw), &len));
			CU_ASSERT_EQUAL(len, 32);
			short_one = short_one || raw[0] == 0;
		}
	}
	CU_ASSERT_TRUE(short_one);
}

/* libjwt's verdict, with the public key in PEM or the secret. */
static bool libjwt_takes(struct str compact, struct str key)
{
	jwt_t *jwt = NULL;
	int rc = jwt_decode(
		&jwt, arena_cstr(arena, compact), (const unsigned char *)arena_cstr(arena, key), (int)key.len);
	if (rc == 0)
		jwt_free(jwt);
	return rc == 0;
}

/* Good tokens of several shapes, made by GnuTLS: both take them; with one bit of the signature turned,
 * neither does. */
static void libjwt_agrees_about_good_and_damaged_tokens(void)
{
	static const char *const shapes[] = { "1", "\"text\"", "[1,[2,{\"a\":null}]]", "\"\xc3\x85\\n\\u00e5\"",
		"{}", "1.5e3" };
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		struct str main_claims = CLAIMS(arena, ISS_MAIN, { "shape", shapes[i] });
		struct str shared_claims = CLAIMS(arena, ISS_SHARED, { "shape", shapes[i] });
		const struct {
			struct str compact, key;
		} good[] = {
			{ craft(arena, "ES256", provider->es, H_ES, main_claims), provider->es_public },
			{ craft(arena, "RS256", provider->rs, H_RS, main_claims), provider->rs_public },
			{ craft(arena, "HS256", provider->secret, H_HS, shared_claims), provider->secret },
		};
		for (size_t k = 0; k < COUNT_OF(good); k++) {
			accepted(good[k].compact);
			CU_ASSERT_TRUE(libjwt_takes(good[k].compact, good[k].key));
			char *damaged = arena_cstr(arena, good[k].compact);
			size_t at = good[k].compact.len - 10;
			damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
			refused(str_of(damaged, good[k].compact.len), COUNT_AUTH_SIGNATURE);
			CU_ASSERT_FALSE(libjwt_takes(str_c(damaged), good[k].key));
		}
	}
}

const struct unit_test sign_tests[] = {
	TEST(what_is_signed_here_is_taken_here),
	TEST(T15_every_es256_signature_has_64_bytes),
	TEST(signing_refuses_what_verifying_would),
	TEST(a_kid_is_written_as_json),
	TEST(two_new_keys_differ),
	TEST(a_new_jwk_keeps_the_zeros_of_its_coordinates),
	TEST(libjwt_agrees_about_good_and_damaged_tokens),
};
const size_t sign_test_count = COUNT_OF(sign_tests);
