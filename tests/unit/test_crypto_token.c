/* What token_verify accepts and what it refuses. The T numbers are those of docs/threats.md. */
#include "core/clock.h"
#include "test_crypto.h"
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <sys/wait.h>
#include <unistd.h>

static struct str es(struct str header, struct str claims)
{
	return craft(arena, "ES256", provider->es, header, claims);
}

static struct str good_claims(void)
{
	return CLAIMS(arena, ISS_MAIN, { NULL, NULL });
}

static struct str good(void)
{
	return es(H_ES, good_claims());
}

/* The three parts of a token. */
static void cut(struct str compact, struct str part[3])
{
	for (int i = 0; i < 3; i++)
		compact = str_split(compact, '.', &part[i]);
}

static void good_tokens_of_every_algorithm_are_taken(void)
{
	struct token_claims c = accepted(good());
	CU_ASSERT_TRUE(str_eq(c.who.issuer, STR(ISS_MAIN)));
	CU_ASSERT_TRUE(str_eq(c.who.subject, STR("user-1")));
	CU_ASSERT_EQUAL(c.expires, 1800000600);
	CU_ASSERT_TRUE(str_is_empty(c.tenant) && str_is_empty(c.env) && str_is_empty(c.who.email));
	accepted(craft(arena, "RS256", provider->rs, H_RS, good_claims()));
	accepted(craft(arena, "EdDSA", provider->ed, H_ED, good_claims()));
	accepted(craft(arena, "HS256", provider->secret, H_HS, CLAIMS(arena, ISS_SHARED, { NULL, NULL })));
	accepted(craft(
		arena, "RS256", provider->rs, STR("{\"alg\":\"RS256\"}"), CLAIMS(arena, ISS_PEM, { NULL, NULL })));
}

static void T1_unsigned_tokens_are_refused(void)
{
	static const char *const headers[] = { "{\"alg\":\"none\"}", "{\"alg\":\"NoNe\"}", "{\"alg\":\"None\"}",
		"{\"alg\":\"\"}", "{\"alg\":\"none\",\"kid\":\"es1\"}" };
	struct str part[3];
	cut(good(), part);
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		struct str input = craft_input(arena, str_c(headers[i]), good_claims());
		refused(craft_signature(arena, input, STR("")), COUNT_AUTH_MALFORMED);
		refused(input, COUNT_AUTH_MALFORMED);
		refused(arena_printf(arena, "%.*s.%.*s", STR_ARG(input), STR_ARG(part[2])), COUNT_AUTH_KEY);
	}
	refused(arena_printf(arena, "%.*s.%.*s.", STR_ARG(part[0]), STR_ARG(part[1])), COUNT_AUTH_MALFORMED);
	refused(es(STR("{\"kid\":\"es1\"}"), good_claims()), COUNT_AUTH_MALFORMED);
	refused(es(STR("{\"alg\":null}"), good_claims()), COUNT_AUTH_MALFORMED);
	refused(es(STR("{\"alg\":[\"ES256\"]}"), good_claims()), COUNT_AUTH_MALFORMED);
}

static void T2_a_public_key_signs_nothing_as_hs256(void)
{
	struct str claims = CLAIMS(arena, ISS_PEM, { NULL, NULL });
	refused(craft(arena, "HS256", provider->rs_public, STR("{\"alg\":\"HS256\"}"), claims), COUNT_AUTH_KEY);
	refused(
		craft(arena, "HS256", provider->rs_public, STR("{\"alg\":\"RS256\"}"), claims), COUNT_AUTH_SIGNATURE);
	refused(
		craft(arena, "HS256", provider->jwk_rs, STR("{\"alg\":\"HS256\",\"kid\":\"rs1\"}"), good_claims()),
		COUNT_AUTH_KEY);
	refused(
		craft(arena, "HS256", STR(""), STR("{\"alg\":\"HS256\"}"), CLAIMS(arena, ISS_SHARED, { NULL, NULL })),
		COUNT_AUTH_SIGNATURE);
}

static void T4_an_algorithm_in_other_case_is_refused(void)
{
	static const char *const names[] = { "es256", "Es256", "rs256", "RS256 ", "hs256", "eddsa", "EDDSA",
		"ES384", "PS256", "Ed25519" };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		refused(es(arena_printf(arena, "{\"alg\":\"%s\",\"kid\":\"es1\"}", names[i]), good_claims()),
			COUNT_AUTH_KEY);
}

/* The kid is right but the alg is another one of ours: a key works with one algorithm only. */
static void T4_a_key_verifies_under_its_own_algorithm_alone(void)
{
	refused(craft(arena, "RS256", provider->rs, STR("{\"alg\":\"ES256\",\"kid\":\"rs1\"}"), good_claims()),
		COUNT_AUTH_KEY);
	refused(es(STR("{\"alg\":\"RS256\",\"kid\":\"es1\"}"), good_claims()), COUNT_AUTH_KEY);
	refused(es(STR("{\"alg\":\"EdDSA\",\"kid\":\"ed1\"}"), good_claims()), COUNT_AUTH_SIGNATURE);
}

static void T5_extensions_are_refused(void)
{
	static const char *const more[] = { "\"crit\":[\"exp\"]", "\"crit\":[]", "\"crit\":null",
		"\"crit\":[\"b64\"],\"b64\":false", "\"b64\":false", "\"b64\":true", "\"crit\":[\"x\"],\"x\":1" };
	for (size_t i = 0; i < COUNT_OF(more); i++)
		refused(es(arena_printf(arena, "{\"alg\":\"ES256\",\"kid\":\"es1\",%s}", more[i]), good_claims()),
			COUNT_AUTH_MALFORMED);
}

static void T5_another_type_is_refused(void)
{
	static const char *const bad[] = { "\"JWS\"", "\"\"", "null", "1", "[\"JWT\"]", "\"dpop+jwt\"",
		"\"logout+jwt\"" };
	static const char *const fine[] = { "\"JWT\"", "\"jwt\"", "\"at+jwt\"", "\"AT+JWT\"",
		"\"application/at+jwt\"", "\"Application/AT+jwt\"", "\"application/jwt\"" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		refused(es(arena_printf(arena, "{\"alg\":\"ES256\",\"typ\":%s}", bad[i]), good_claims()),
			COUNT_AUTH_MALFORMED);
	for (size_t i = 0; i < COUNT_OF(fine); i++)
		accepted(es(arena_printf(arena, "{\"alg\":\"ES256\",\"typ\":%s}", fine[i]), good_claims()));
}

static void T6_duplicate_names_are_refused(void)
{
	refused(es(STR("{\"alg\":\"none\",\"alg\":\"ES256\"}"), good_claims()), COUNT_AUTH_MALFORMED);
	refused(es(STR("{\"alg\":\"ES256\",\"\\u0061lg\":\"ES256\"}"), good_claims()), COUNT_AUTH_MALFORMED);
	refused(TOKEN({ "sub", "\"a\"" }, { "sub", "\"b\"" }), COUNT_AUTH_MALFORMED);
	refused(TOKEN({ "exp", "1" }, { "exp", "1800000600" }), COUNT_AUTH_MALFORMED);
	refused(TOKEN({ "app_metadata", "{\"tenant_id\":\"a\",\"tenant_id\":\"b\"}" }), COUNT_AUTH_MALFORMED);
}

/* An attacker's key, and headers that offer it in every way. */
static void T7_a_key_in_the_header_is_never_used(void)
{
	struct error err = ERROR_INIT;
	struct str key, jwk;
	CU_ASSERT_TRUE(token_key_new(arena, STR("ES256"), STR("es1"), &key, &jwk, &err));
	struct str headers[] = {
		arena_printf(arena, "{\"alg\":\"ES256\",\"jwk\":%.*s}", STR_ARG(jwk)),
		arena_printf(arena, "{\"alg\":\"ES256\",\"kid\":\"es1\",\"jwk\":%.*s}", STR_ARG(jwk)),
		STR("{\"alg\":\"ES256\",\"kid\":\"es1\",\"jku\":\"http://127.0.0.1:1/jwks\"}"),
		STR("{\"alg\":\"ES256\",\"kid\":\"es1\",\"x5u\":\"http://127.0.0.1:1/x5u\"}"),
		STR("{\"alg\":\"ES256\",\"kid\":\"es1\",\"x5c\":[\"AAAA\"],\"x5t\":\"AA\"}"),
	};
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		refused(craft(arena, "ES256", key, headers[i], good_claims()), COUNT_AUTH_SIGNATURE);
		accepted(es(headers[i], good_claims()));
	}
}

static void T8_an_unknown_kid_is_refused(void)
{
	static const char *const kids[] = { "\"es2\"", "\"ES1\"", "\"es1 \"", "\"rs1\"",
		"\"../../../../dev/null\"", "\"/dev/null\"", "\"es1' or '1'='1\"", "\"http://127.0.0.1:1/\"", "\"\"",
		"null", "7", "[\"es1\"]" };
	for (size_t i = 0; i < COUNT_OF(kids); i++)
		refused(es(arena_printf(arena, "{\"alg\":\"ES256\",\"kid\":%s}", kids[i]), good_claims()),
			COUNT_AUTH_KEY);
}

static void T8_a_key_without_kid_is_found_by_its_algorithm(void)
{
	struct str claims = CLAIMS(arena, ISS_SHARED, { NULL, NULL });
	static const char *const bad[] = { "\"../secret\"", "\"a'b\"", "\"a b\"", "\"x:y\"", "\"\"", "null" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		refused(craft(arena, "HS256", provider->secret,
					arena_printf(arena, "{\"alg\":\"HS256\",\"kid\":%s}", bad[i]), claims),
			COUNT_AUTH_KEY);
	accepted(craft(
		arena, "HS256", provider->secret, STR("{\"alg\":\"HS256\",\"kid\":\"/8n+Fa9yIqJ2c0Xz\"}"), claims));
	accepted(es(STR("{\"alg\":\"ES256\"}"), good_claims()));
}

static void T8_without_kid_two_keys_of_an_algorithm_are_none(void)
{
	struct error err = ERROR_INIT;
	struct str key, jwk[2] = { provider->jwk_es };
	struct token_claims claims;
	CU_ASSERT_TRUE(token_key_new(arena, STR("ES256"), STR("es2"), &key, &jwk[1], &err));
	struct config *config = ARENA_NEW(provider->arena, struct config);
	config->issuers[0] = provider_issuer(provider, "two", ISS_MAIN, "ES256");
	config->issuers[0].jwks_file = provider_file(provider, "two.json", provider_jwks(provider, jwk, 2));
	config->issuer_count = 1;
	struct keystore *two = keystore_load(provider->arena, config, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(two);
	CU_ASSERT_FALSE(
		token_verify(two, arena, es(STR("{\"alg\":\"ES256\"}"), good_claims()), 30, &claims, &err));
	struct str unnamed = craft(arena, "ES256", key, STR("{\"alg\":\"ES256\"}"), good_claims());
	CU_ASSERT_FALSE(token_verify(two, arena, unnamed, 30, &claims, &err));
	CU_ASSERT_TRUE(token_verify(two, arena, good(), 30, &claims, &err));
	struct str second = craft(arena, "ES256", key, STR("{\"alg\":\"ES256\",\"kid\":\"es2\"}"), good_claims());
	CU_ASSERT_TRUE(token_verify(two, arena, second, 30, &claims, &err));
	struct str crossed = craft(arena, "ES256", key, H_ES, good_claims());
	CU_ASSERT_FALSE(token_verify(two, arena, crossed, 30, &claims, &err));
}

static void T9_another_spelling_of_base64url_is_refused(void)
{
	/* RS256: its 256 bytes leave bits over in the last character */
	struct str token = craft(arena, "RS256", provider->rs, H_RS, good_claims()), part[3];
	accepted(token);
	cut(token, part);
	static const char *const tails[] = { "=", "==", "\n", " ", ".", "+", "/", "A=" };
	for (size_t i = 0; i < COUNT_OF(tails); i++)
		refused(arena_printf(arena, "%.*s%s", STR_ARG(token), tails[i]), COUNT_AUTH_MALFORMED);
	refused(arena_printf(arena, "%.*sAAAA", STR_ARG(token)), COUNT_AUTH_SIGNATURE);
	refused(arena_printf(arena, " %.*s", STR_ARG(token)), COUNT_AUTH_MALFORMED);
	refused(arena_printf(arena, "%.*s=.%.*s.%.*s", STR_ARG(part[0]), STR_ARG(part[1]), STR_ARG(part[2])),
		COUNT_AUTH_MALFORMED);
	char *other = arena_cstr(arena, token);
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t value = (size_t)(strchr(alphabet, other[token.len - 1]) - alphabet);
	other[token.len - 1] = alphabet[value ^ 1];
	refused(str_of(other, token.len), COUNT_AUTH_MALFORMED);
	refused(str_of(arena_printf(arena, "%.*s", STR_ARG(token)).at, token.len + 1),
		COUNT_AUTH_MALFORMED); /* NUL */
}

static void T10_claims_that_are_no_single_object_are_refused(void)
{
	refused(es(H_ES, STR("[]")), COUNT_AUTH_MALFORMED);
	refused(es(H_ES, STR("\"sub\"")), COUNT_AUTH_MALFORMED);
	refused(es(H_ES, STR("null")), COUNT_AUTH_MALFORMED);
	refused(es(H_ES, STR("{\"iss\":")), COUNT_AUTH_MALFORMED);
	struct str claims = good_claims();
	refused(es(H_ES, str_of(claims.at, claims.len + 1)), COUNT_AUTH_MALFORMED); /* its NUL */
	refused(es(H_ES, arena_printf(arena, "%.*s{}", STR_ARG(claims))), COUNT_AUTH_MALFORMED);
	refused(es(H_ES, arena_printf(arena, "[%.*s]", STR_ARG(claims))), COUNT_AUTH_MALFORMED);
	refused(es(arena_printf(arena, "[%.*s]", STR_ARG(H_ES)), claims), COUNT_AUTH_MALFORMED);
	refused(es(STR("{\"alg\":\"ES256\""), claims), COUNT_AUTH_MALFORMED);
	refused(TOKEN({ "sub", "\"\xc0\xaf\"" }), COUNT_AUTH_MALFORMED);
	refused(TOKEN({ "sub", "\"a\\u0000b\"" }), COUNT_AUTH_MALFORMED);
}

static void T11_an_exp_that_is_no_sensible_time_is_refused(void)
{
	static const char *const values[] = { NULL, "null", "\"1800000600\"", "-1", "-0.5", "true",
		"[1800000600]", "9223372036854775807", "9223372036854775808", "1e400",
		"1000000000000000000000000000000", "1800000600000" };
	for (size_t i = 0; i < COUNT_OF(values); i++)
		refused(TOKEN({ "exp", values[i] }), COUNT_AUTH_CLAIMS);
}

/* The code of the refusal, or ERR_NONE, at this second. */
static enum error_code at_second(struct str compact, int64_t now)
{
	struct token_claims claims;
	struct error err = ERROR_INIT;
	clock_pretend_unix_s(now);
	bool taken = token_verify(store, arena, compact, LIMIT_LEEWAY_S, &claims, &err);
	clock_pretend_unix_s(TOKENS_NOW);
	return taken ? ERR_NONE : err.code;
}

static void times_may_have_a_fraction(void)
{
	accepted(TOKEN({ "exp", "1800000600.75" }));
	accepted(TOKEN({ "exp", "18000006e2" }));
	accepted(TOKEN({ "iat", "1799999999.123456" }, { "nbf", "1799999999.9" }));
	/* What is behind the point does not make it live longer. */
	CU_ASSERT_EQUAL(
		at_second(TOKEN({ "exp", "1800000600.99" }), 1800000600 + LIMIT_LEEWAY_S), ERR_TOKEN_EXPIRED);
}

static void T11_a_token_expires_after_the_leeway_though_seen_before(void)
{
	struct str token = good();
	uint64_t before = metrics_value(COUNT_AUTH_EXPIRED);
	CU_ASSERT_EQUAL(at_second(token, 1800000600), ERR_NONE);
	CU_ASSERT_EQUAL(at_second(token, 1800000600 + LIMIT_LEEWAY_S - 1), ERR_NONE);
	CU_ASSERT_EQUAL(at_second(token, 1800000600 + LIMIT_LEEWAY_S), ERR_TOKEN_EXPIRED);
	CU_ASSERT_EQUAL(at_second(token, 1900000000), ERR_TOKEN_EXPIRED);
	CU_ASSERT_EQUAL(metrics_value(COUNT_AUTH_EXPIRED), before + 2);
	CU_ASSERT_EQUAL(at_second(token, 1800000600), ERR_NONE);
}

static void T11_expired_is_said_of_good_tokens_alone(void)
{
	CU_ASSERT_EQUAL(at_second(TOKEN({ "exp", "1799999000" }), TOKENS_NOW), ERR_TOKEN_EXPIRED);
	refused(TOKEN({ "exp", "1799999000" }, { "aud", "\"other\"" }), COUNT_AUTH_CLAIMS);
	struct str forged =
		craft(arena, "ES256", provider->es, H_ED, CLAIMS(arena, ISS_MAIN, { "exp", "1799999000" }));
	refused(forged, COUNT_AUTH_SIGNATURE);
}

static void T11_a_token_from_the_future_is_refused(void)
{
	static const char *const names[] = { "nbf", "iat" };
	static const char *const bad[] = { "1800000031", "1900000000", "9223372036854775807", "-1", "\"0\"",
		"1800000031.5", "null" };
	for (size_t n = 0; n < COUNT_OF(names); n++) {
		for (size_t i = 0; i < COUNT_OF(bad); i++)
			refused(TOKEN({ names[n], bad[i] }), COUNT_AUTH_CLAIMS);
		accepted(TOKEN({ names[n], "1800000030" }));
		accepted(TOKEN({ names[n], NULL }));
	}
}

static void T12_another_issuer_or_audience_is_refused(void)
{
	static const char *const issuers[] = { NULL, "null", "1", "\"\"", "\"https://id.example/\"",
		"\"HTTPS://id.example\"", "\"https://evil.example\"", "[\"https://id.example\"]" };
	static const char *const audiences[] = { NULL, "null", "1", "\"\"", "\"Tenantd\"", "\"tenantd2\"", "[]",
		"[\"other\"]", "[\"tenantd\",1]", "[[\"tenantd\"]]", "{\"tenantd\":1}" };
	for (size_t i = 0; i < COUNT_OF(issuers); i++)
		refused(TOKEN({ "iss", issuers[i] }), COUNT_AUTH_ISSUER);
	for (size_t i = 0; i < COUNT_OF(audiences); i++)
		refused(TOKEN({ "aud", audiences[i] }), COUNT_AUTH_CLAIMS);
	accepted(TOKEN({ "aud", "[\"other\",\"tenantd\"]" }));
	/* one issuer's key says nothing about another's subjects */
	refused(es(H_ES, CLAIMS(arena, ISS_PEM, { NULL, NULL })), COUNT_AUTH_KEY);
	refused(craft(arena, "RS256", provider->rs, STR("{\"alg\":\"RS256\"}"),
				CLAIMS(arena, ISS_SHARED, { NULL, NULL })),
		COUNT_AUTH_KEY);
}

static void T13_id_and_refresh_tokens_are_refused(void)
{
	refused(TOKEN({ "nonce", "\"n\"" }), COUNT_AUTH_CLAIMS);
	refused(TOKEN({ "at_hash", "\"h\"" }), COUNT_AUTH_CLAIMS);
	refused(TOKEN({ "c_hash", "null" }), COUNT_AUTH_CLAIMS);
	refused(TOKEN({ "token_use", "\"id\"" }), COUNT_AUTH_CLAIMS);
	refused(TOKEN({ "token_use", "1" }), COUNT_AUTH_CLAIMS);
	refused(TOKEN({ "typ", "\"ID\"" }), COUNT_AUTH_CLAIMS);
	refused(TOKEN({ "typ", "\"Refresh\"" }), COUNT_AUTH_CLAIMS);
	refused(TOKEN({ "typ", "\"Offline\"" }), COUNT_AUTH_CLAIMS);
	accepted(TOKEN({ "token_use", "\"access\"" }));
	accepted(TOKEN({ "typ", "\"Bearer\"" }));
	/* Keycloak's access token has the nonce of the login, and says what it is; its ID token says that, too. */
	accepted(TOKEN({ "typ", "\"Bearer\"" }, { "nonce", "\"n\"" }));
	refused(TOKEN({ "typ", "\"ID\"" }, { "nonce", "\"n\"" }), COUNT_AUTH_CLAIMS);
	refused(TOKEN({ "typ", "\"Bearer\"" }, { "nonce", "\"n\"" }, { "at_hash", "\"h\"" }), COUNT_AUTH_CLAIMS);
}

static void T14_a_subject_belongs_to_its_issuer(void)
{
	struct token_claims one = accepted(good());
	struct token_claims two =
		accepted(craft(arena, "HS256", provider->secret, H_HS, CLAIMS(arena, ISS_SHARED, { NULL, NULL })));
	CU_ASSERT_TRUE(str_eq(one.who.subject, two.who.subject));
	CU_ASSERT_TRUE(str_eq(one.who.issuer, STR(ISS_MAIN)));
	CU_ASSERT_TRUE(str_eq(two.who.issuer, STR(ISS_SHARED)));
}

/* The DER of a good signature r || s. */
static struct str as_der(struct str raw)
{
	unsigned char *at = (unsigned char *)(uintptr_t)raw.at;
	const gnutls_datum_t r = { at, 32 }, s = { at + 32, 32 };
	gnutls_datum_t der;
	CU_ASSERT_EQUAL(gnutls_encode_rs_value(&der, &r, &s), 0);
	struct str out = arena_str(arena, str_of((const char *)der.data, der.size));
	gnutls_free(der.data);
	return out;
}

static void T15_another_form_of_an_ecdsa_signature_is_refused(void)
{
	struct str token = good(), part[3];
	char raw[66] = { 0 }, changed[66];
	size_t len = 0;
	cut(token, part);
	accepted(token);
	CU_ASSERT_TRUE(base64url_decode(part[2], raw, 64, &len));
	CU_ASSERT_EQUAL(len, 64);
	struct str input = craft_input(arena, H_ES, good_claims());
	refused(craft_signature(arena, input, as_der(str_of(raw, 64))), COUNT_AUTH_SIGNATURE);
	refused(craft_signature(arena, input, str_of(raw, 63)), COUNT_AUTH_SIGNATURE);
	refused(craft_signature(arena, input, str_of(raw, 32)), COUNT_AUTH_SIGNATURE);
	refused(craft_signature(arena, input, str_of(raw, 65)), COUNT_AUTH_SIGNATURE);
	for (size_t half = 0; half < 3; half++) { /* r = 0, s = 0, both */
		memcpy(changed, raw, sizeof(raw));
		memset(changed + (half == 1 ? 32 : 0), 0, half == 2 ? 64 : 32);
		refused(craft_signature(arena, input, str_of(changed, 64)), COUNT_AUTH_SIGNATURE);
	}
	for (size_t half = 0; half < 2; half++) { /* r or s above the order */
		memcpy(changed, raw, sizeof(raw));
		memset(changed + 32 * half, 0xff, 32);
		refused(craft_signature(arena, input, str_of(changed, 64)), COUNT_AUTH_SIGNATURE);
	}
	memcpy(changed, raw, sizeof(raw));
	changed[63] = (char)(changed[63] ^ 1);
	refused(craft_signature(arena, input, str_of(changed, 64)), COUNT_AUTH_SIGNATURE);
}

/* Each algorithm: a signature that is short, long or of one other bit. */
static void T15_a_damaged_signature_is_refused(void)
{
	struct str tokens[] = {
		craft(arena, "RS256", provider->rs, H_RS, good_claims()),
		craft(arena, "EdDSA", provider->ed, H_ED, good_claims()),
		craft(arena, "HS256", provider->secret, H_HS, CLAIMS(arena, ISS_SHARED, { NULL, NULL })),
	};
	for (size_t i = 0; i < COUNT_OF(tokens); i++) {
		struct str part[3];
		char raw[257] = { 0 };
		size_t len = 0;
		cut(tokens[i], part);
		CU_ASSERT_TRUE(base64url_decode(part[2], raw, 256, &len));
		struct str input = str_of(tokens[i].at, part[0].len + 1 + part[1].len);
		refused(craft_signature(arena, input, str_of(raw, len - 1)), COUNT_AUTH_SIGNATURE);
		refused(craft_signature(arena, input, str_of(raw, len + 1)), COUNT_AUTH_SIGNATURE);
		raw[len / 2] = (char)(raw[len / 2] ^ 4);
		refused(craft_signature(arena, input, str_of(raw, len)), COUNT_AUTH_SIGNATURE);
		accepted(tokens[i]);
	}
}

static void T17_an_oversized_token_is_refused(void)
{
	char *fill = arena_alloc(arena, 6000);
	memset(fill, 'x', 5999);
	struct str filler = arena_printf(arena, "\"%s\"", fill);
	struct str token = TOKEN({ "filler", filler.at });
	while (token.len > LIMIT_TOKEN) {
		filler = arena_printf(arena, "\"%.*s\"", (int)filler.len - 3, filler.at + 1);
		token = TOKEN({ "filler", filler.at });
	}
	accepted(token);
	while (token.len <= LIMIT_TOKEN) {
		filler = arena_printf(arena, "\"%.*sx\"", (int)filler.len - 2, filler.at + 1);
		token = TOKEN({ "filler", filler.at });
	}
	refused(token, COUNT_AUTH_MALFORMED);
	char *huge = arena_alloc(arena, 1 << 20);
	memset(huge, 'A', 1 << 20);
	refused(str_of(huge, 1 << 20), COUNT_AUTH_MALFORMED);
	refused(STR(""), COUNT_AUTH_MALFORMED);
	refused(STR(".."), COUNT_AUTH_MALFORMED);
	refused(STR("..."), COUNT_AUTH_MALFORMED);
}

static void a_subject_is_there_bounded_and_plain(void)
{
	static const char *const bad[] = { NULL, "null", "7", "\"\"", "\"a\\nb\"", "\"\\u007f\"",
		"[\"user-1\"]" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		refused(TOKEN({ "sub", bad[i] }), COUNT_AUTH_CLAIMS);
	struct str longest = arena_printf(arena, "\"%0255d\"", 7), longer = arena_printf(arena, "\"%0256d\"", 7);
	accepted(TOKEN({ "sub", longest.at }));
	refused(TOKEN({ "sub", longer.at }), COUNT_AUTH_CLAIMS);
}

static void the_claims_are_read_where_the_issuer_puts_them(void)
{
	struct token_claims c = accepted(TOKEN({ "app_metadata", "{\"tenant_id\":\"t-1\",\"roles\":[]}" },
		{ "env", "\" Prod\"" }, { "email", "\"Ann@Example.org\"" }, { "email_verified", "true" },
		{ "name", "\"Ann \xc3\x85kesson\"" }));
	CU_ASSERT_TRUE(str_eq(c.tenant, STR("t-1")));
	CU_ASSERT_TRUE(str_eq(c.env, STR(" Prod")));
	CU_ASSERT_TRUE(str_eq(c.who.email, STR("Ann@Example.org")));
	CU_ASSERT_TRUE(str_eq(c.who.name, STR("Ann \xc3\x85kesson")));
	CU_ASSERT_TRUE(c.who.email_verified);
}

static void a_namespaced_claim_is_found_by_its_whole_name(void)
{
	struct error err = ERROR_INIT;
	struct token_claims c;
	struct config *config = ARENA_NEW(provider->arena, struct config);
	config->issuers[0] = provider->config.issuers[0];
	config->issuers[0].tenant_claim = STR("https://app.example/tenant_id");
	config->issuer_count = 1;
	struct keystore *own = keystore_load(provider->arena, config, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(own);
	CU_ASSERT_TRUE(
		token_verify(own, arena, TOKEN({ "https://app.example/tenant_id", "\"t-2\"" }), 30, &c, &err));
	CU_ASSERT_TRUE(str_eq(c.tenant, STR("t-2")));
}

static void a_claim_of_a_wrong_type_is_refused(void)
{
	static const char *const names[] = { "env", "email", "name" };
	static const char *const bad[] = { "1", "true", "[]", "{}" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		for (size_t n = 0; n < COUNT_OF(names); n++)
			refused(TOKEN({ names[n], bad[i] }), COUNT_AUTH_CLAIMS);
		struct str nested = arena_printf(arena, "{\"tenant_id\":%s}", bad[i]);
		refused(TOKEN({ "app_metadata", nested.at }), COUNT_AUTH_CLAIMS);
	}
}

static void a_null_claim_is_absent(void)
{
	struct token_claims c = accepted(TOKEN({ "app_metadata", "{\"tenant_id\":null}" }, { "env", "null" },
		{ "email", "null" }, { "name", "null" }, { "email_verified", "null" }));
	CU_ASSERT_TRUE(str_is_empty(c.tenant) && str_is_empty(c.env));
	CU_ASSERT_TRUE(str_is_empty(c.who.email) && str_is_empty(c.who.name));
	CU_ASSERT_FALSE(c.who.email_verified);
}

static void only_a_plain_true_verifies_an_email(void)
{
	static const char *const not_true[] = { NULL, "false", "\"true\"", "1", "null", "[true]" };
	for (size_t i = 0; i < COUNT_OF(not_true); i++)
		CU_ASSERT_FALSE(
			accepted(TOKEN({ "email", "\"a@b.c\"" }, { "email_verified", not_true[i] })).who.email_verified);
}

static void an_email_that_cannot_be_one_is_refused(void)
{
	struct str longer = arena_printf(arena, "\"%0247d@b.c.def\"", 7);
	refused(TOKEN({ "email", "\"a@b.c\\r\\nBcc: x\"" }), COUNT_AUTH_CLAIMS);
	refused(TOKEN({ "email", longer.at }), COUNT_AUTH_CLAIMS);
	/* The database refuses U+0085 in the address of a mail or an invitation, long after the token was believed; nobody sees U+200B. */
	refused(TOKEN({ "email", "\"a\\u0085@b.c\"" }), COUNT_AUTH_CLAIMS);
	refused(TOKEN({ "email", "\"a\\u200b@b.c\"" }), COUNT_AUTH_CLAIMS);
}

static void the_program_of_a_token_locks_nobody_out(void)
{
	CU_ASSERT_TRUE(str_is_empty(accepted(TOKEN({ "sub", "\"x\"" })).who.client));
	CU_ASSERT_TRUE(str_eq(accepted(TOKEN({ "client_id", "\"shop\"" })).who.client, STR("shop")));
	CU_ASSERT_TRUE(
		str_eq(accepted(TOKEN({ "client_id", "\"shop\"" }, { "azp", "\"till\"" })).who.client, STR("till")));
	static const char *const bad[] = { "5", "null", "[\"a\"]", "\"a\\nb\"" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_TRUE(
			str_eq(accepted(TOKEN({ "client_id", "\"shop\"" }, { "azp", bad[i] })).who.client, STR("shop")));
	char *text = arena_alloc(arena, LIMIT_SUBJECT + 4);
	memset(text, 'x', LIMIT_SUBJECT + 3);
	text[0] = text[LIMIT_SUBJECT + 2] = '"';
	text[LIMIT_SUBJECT + 3] = '\0';
	CU_ASSERT_TRUE(str_is_empty(accepted(TOKEN({ "azp", text })).who.client));
}

static void a_display_name_locks_nobody_out(void)
{
	/* 199 bytes and a character of two: cut before it, not through it */
	struct str text = arena_printf(arena, "\"%0199d\xc3\x85\"", 7);
	struct token_claims c = accepted(TOKEN({ "name", text.at }));
	CU_ASSERT_EQUAL(c.who.name.len, 199);
	text = arena_printf(arena, "\"%0198d\xc3\x85more\"", 7);
	c = accepted(TOKEN({ "name", text.at }));
	CU_ASSERT_EQUAL(c.who.name.len, 200);
	CU_ASSERT_TRUE(str_is_utf8(c.who.name));
	CU_ASSERT_TRUE(str_is_empty(accepted(TOKEN({ "name", "\"a\\nb\"" })).who.name));
	CU_ASSERT_TRUE(str_is_empty(accepted(TOKEN({ "name", "\"a\\u202eb\"" })).who.name));
	CU_ASSERT_TRUE(str_is_empty(accepted(TOKEN({ "name", "\"\"" })).who.name));
}

/* A token is accepted whether it is remembered or not, and its claims are not remembered. */
static void a_remembered_token_is_checked_but_for_its_signature(void)
{
	struct str first = good();
	struct token_claims before = accepted(first), after = accepted(first);
	CU_ASSERT_TRUE(str_eq(before.who.subject, after.who.subject));
	struct seen *shared = seen_new();
	keystore_share(store, shared, "a secret of the pool", 20);
	accepted(first);
	accepted(first);
	seen_free(shared);
	struct seen *fresh = seen_new();
	keystore_share(store, fresh, "another", 7);
	accepted(first);
}

/* Entries of another pool, of other keys, or only partly written, never make a token count as good. */
static void a_memory_that_was_tampered_with_takes_no_token(void)
{
	enum { CALLERS = 100000 };
	uint8_t secret[SHA256_SIZE] = { 1 }, other[SHA256_SIZE] = { 2 }, digest[SHA256_SIZE];
	size_t found = 0, foreign = 0;
	struct seen *seen = seen_new();
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < CALLERS; i++) {
			digest_sha256(str_of((const char *)&i, sizeof(i)), digest);
			bool has = seen_has(seen, secret, digest);
			found += has;
			foreign += seen_has(seen, other, digest);
			if (!has)
				seen_add(seen, secret, digest);
		}
	}
	/* In the second round nearly all of 100,000 callers in turn are known. */
	CU_ASSERT(found > CALLERS / 100 * 99);
	CU_ASSERT_EQUAL(foreign, 0);
	digest_random((void *)seen, (size_t)LIMIT_SEEN_TOKENS * 16);
	found = 0;
	for (int i = 0; i < CALLERS; i++) {
		digest_sha256(str_of((const char *)&i, sizeof(i)), digest);
		found += seen_has(seen, secret, digest);
	}
	CU_ASSERT_EQUAL(found, 0);
	seen_free(seen);
}

/* Many processes write to the same sets at the same time. A token that none of them wrote is never found. */
static void workers_that_write_at_once_make_no_token_good(void)
{
	enum { WRITERS = 4, TOKENS = 2000, ROUNDS = 40 };
	uint8_t secret[SHA256_SIZE] = { 3 }, digest[SHA256_SIZE];
	struct seen *seen = seen_new();
	pid_t children[WRITERS];
	for (int w = 0; w < WRITERS; w++) {
		children[w] = fork();
		if (children[w] != 0)
			continue;
		for (int i = 0; i < TOKENS * ROUNDS; i++) {
			int written = i % TOKENS * 2, never = written + 1;
			digest_sha256(str_of((const char *)&written, sizeof(written)), digest);
			seen_add(seen, secret, digest);
			if (!seen_has(seen, secret, digest) && i < TOKENS / 2)
				_exit(2);
			digest_sha256(str_of((const char *)&never, sizeof(never)), digest);
			if (seen_has(seen, secret, digest))
				_exit(1);
		}
		_exit(0);
	}
	for (int w = 0; w < WRITERS; w++) {
		int status = 0;
		CU_ASSERT(children[w] > 0 && waitpid(children[w], &status, 0) == children[w]);
		CU_ASSERT_EQUAL(status, 0);
	}
	seen_free(seen);
}

static void a_store_remembers_for_itself_alone(void)
{
	struct error err = ERROR_INIT;
	struct str key, jwk;
	struct token_claims claims;
	struct str token = good();
	accepted(token);
	/* after a reload the kid stands for another key */
	CU_ASSERT_TRUE(token_key_new(arena, STR("ES256"), STR("es1"), &key, &jwk, &err));
	struct config *config = ARENA_NEW(provider->arena, struct config);
	config->issuers[0] = provider_issuer(provider, "main", ISS_MAIN, "ES256");
	config->issuers[0].jwks_file = provider_file(provider, "rotated.json", provider_jwks(provider, &jwk, 1));
	config->issuer_count = 1;
	struct keystore *rotated = keystore_load(provider->arena, config, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(rotated);
	CU_ASSERT_FALSE(token_verify(rotated, arena, token, 30, &claims, &err));
	CU_ASSERT_EQUAL(err.code, ERR_UNAUTHENTICATED);
}

const struct unit_test token_tests[] = {
	TEST(good_tokens_of_every_algorithm_are_taken),
	TEST(T1_unsigned_tokens_are_refused),
	TEST(T2_a_public_key_signs_nothing_as_hs256),
	TEST(T4_an_algorithm_in_other_case_is_refused),
	TEST(T4_a_key_verifies_under_its_own_algorithm_alone),
	TEST(T5_extensions_are_refused),
	TEST(T5_another_type_is_refused),
	TEST(T6_duplicate_names_are_refused),
	TEST(T7_a_key_in_the_header_is_never_used),
	TEST(T8_an_unknown_kid_is_refused),
	TEST(T8_a_key_without_kid_is_found_by_its_algorithm),
	TEST(T8_without_kid_two_keys_of_an_algorithm_are_none),
	TEST(T9_another_spelling_of_base64url_is_refused),
	TEST(T10_claims_that_are_no_single_object_are_refused),
	TEST(T11_an_exp_that_is_no_sensible_time_is_refused),
	TEST(times_may_have_a_fraction),
	TEST(T11_a_token_expires_after_the_leeway_though_seen_before),
	TEST(T11_expired_is_said_of_good_tokens_alone),
	TEST(T11_a_token_from_the_future_is_refused),
	TEST(T12_another_issuer_or_audience_is_refused),
	TEST(T13_id_and_refresh_tokens_are_refused),
	TEST(T14_a_subject_belongs_to_its_issuer),
	TEST(T15_another_form_of_an_ecdsa_signature_is_refused),
	TEST(T15_a_damaged_signature_is_refused),
	TEST(T17_an_oversized_token_is_refused),
	TEST(a_subject_is_there_bounded_and_plain),
	TEST(the_claims_are_read_where_the_issuer_puts_them),
	TEST(a_namespaced_claim_is_found_by_its_whole_name),
	TEST(a_claim_of_a_wrong_type_is_refused),
	TEST(a_null_claim_is_absent),
	TEST(only_a_plain_true_verifies_an_email),
	TEST(an_email_that_cannot_be_one_is_refused),
	TEST(the_program_of_a_token_locks_nobody_out),
	TEST(a_display_name_locks_nobody_out),
	TEST(a_remembered_token_is_checked_but_for_its_signature),
	TEST(a_memory_that_was_tampered_with_takes_no_token),
	TEST(workers_that_write_at_once_make_no_token_good),
	TEST(a_store_remembers_for_itself_alone),
};
const size_t token_test_count = COUNT_OF(token_tests);
