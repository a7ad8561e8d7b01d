/*
 * Tokens from the Authorization header to the decision. tests/unit has the detailed tests of the verifier. The tests here
 * show that nothing on the way, including the web server, changes a token.
 */
#include "core/limits.h"
#include "support/http.h"
#include "support/stack.h"
#include "support/unit.h"

#define HEADER_RS "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"rs1\"}"
#define HEADER_ED "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"ed1\"}"
#define HEADER_HS "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

static struct http_reply me(const char *bearer)
{
	return HTTP("GET", "/v1/auth/me", .token = bearer, .env = "dev");
}

static bool is_refused(const char *bearer)
{
	struct http_reply r = me(bearer);
	const char *challenge = http_header(&r, "WWW-Authenticate");
	bool good = http_is(&r, 401, "unauthenticated") && challenge && strcmp(challenge, "Bearer") == 0;
	if (!good)
		fprintf(stderr, "  with %.120s\n", bearer);
	return good;
}

static const char *crafted(const char *how, struct str key, const char *header, struct str claims)
{
	return arena_cstr(http_arena(), craft(http_arena(), how, key, str_c(header), claims));
}

static void tokens_of_every_configured_issuer_and_algorithm_are_taken(void)
{
	struct provider *p = stack_provider();
	struct str claims = CLAIMS_NOW(ISS_MAIN, { NULL, NULL });
	struct http_reply r = me(crafted("ES256", p->es, HEADER_ES, claims));
	CU_ASSERT(http_is(&r, 200, ""));
	r = me(crafted("RS256", p->rs, HEADER_RS, claims));
	CU_ASSERT(http_is(&r, 200, ""));
	r = me(crafted("EdDSA", p->ed, HEADER_ED, claims));
	CU_ASSERT(http_is(&r, 200, ""));
	r = me(crafted("HS256", p->secret, HEADER_HS, CLAIMS_NOW(ISS_SHARED, { NULL, NULL })));
	CU_ASSERT(http_is(&r, 200, ""));
	r = me(crafted("RS256", p->rs, "{\"alg\":\"RS256\"}", CLAIMS_NOW(ISS_PEM, { NULL, NULL })));
	CU_ASSERT(http_is(&r, 200, ""));
}

static void no_token_is_401_and_says_how(void)
{
	struct http_reply r = HTTP("GET", "/v1/auth/me", .env = "dev");
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	CU_ASSERT_STRING_EQUAL(http_header(&r, "WWW-Authenticate"), "Bearer");
	CU_ASSERT_STRING_EQUAL(http_header(&r, "Content-Type"), "application/problem+json");
	CU_ASSERT(is_refused(""));
	CU_ASSERT(is_refused("x"));
	CU_ASSERT(is_refused("a.b.c"));
	r = HTTP("GET", "/v1/auth/me", .env = "dev", .headers = { "Authorization: Basic dXNlcjpwYXNz" });
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
}

/* T1, T2, T4, T5, T6, T7, T8 */
static void headers_that_would_choose_their_own_verification_are_refused(void)
{
	struct provider *p = stack_provider();
	struct arena *a = http_arena();
	struct str claims = CLAIMS_NOW(ISS_MAIN, { NULL, NULL });
	static const char *const es_headers[] = {
		"{\"alg\":\"es256\",\"kid\":\"es1\"}",
		"{\"alg\":\"ES256\",\"kid\":\"es1\",\"crit\":[\"exp\"],\"exp\":1}",
		"{\"alg\":\"ES256\",\"kid\":\"es1\",\"b64\":false,\"crit\":[\"b64\"]}",
		"{\"alg\":\"ES256\",\"alg\":\"ES256\",\"kid\":\"es1\"}",
		"{\"alg\":\"ES256\",\"kid\":\"../../etc/passwd\"}",
		"{\"alg\":\"ES256\",\"kid\":\"unknown\"}",
		"{\"alg\":\"ES256\",\"kid\":\"rs1\"}",
		"{\"alg\":\"RS256\",\"kid\":\"es1\"}",
		"{\"alg\":\"ES256\",\"kid\":\"es1\",\"typ\":\"id+jwt\"}",
	};
	for (size_t i = 0; i < COUNT_OF(es_headers); i++)
		CU_ASSERT(is_refused(crafted("ES256", p->es, es_headers[i], claims)));
	CU_ASSERT(is_refused(crafted("RS256", p->rs, "{\"alg\":\"rs256\",\"kid\":\"rs1\"}", claims)));
	CU_ASSERT(is_refused(crafted("HS256", p->rs_public, "{\"alg\":\"HS256\",\"kid\":\"rs1\"}", claims)));
	CU_ASSERT(is_refused(crafted("HS256", p->es_public, HEADER_HS, claims)));
	CU_ASSERT(is_refused(crafted("HS256", STR(""), HEADER_HS, CLAIMS_NOW(ISS_SHARED, { NULL, NULL }))));
	static const char *const none[] = { "{\"alg\":\"none\"}", "{\"alg\":\"NoNe\",\"kid\":\"es1\"}",
		"{\"alg\":\"\"}", "{}" };
	for (size_t i = 0; i < COUNT_OF(none); i++) {
		struct str input = craft_input(a, str_c(none[i]), claims);
		CU_ASSERT(is_refused(arena_printf(a, "%.*s.", STR_ARG(input)).at));
		CU_ASSERT(is_refused(arena_cstr(a, input)));
	}
	struct str key, jwk;
	struct error err = ERROR_INIT;
	CU_ASSERT_FATAL(token_key_new(a, STR("ES256"), STR("mine"), &key, &jwk, &err));
	const char *own =
		arena_printf(a, "{\"alg\":\"ES256\",\"jwk\":%.*s,\"jku\":\"http://127.0.0.1/\"}", STR_ARG(jwk)).at;
	CU_ASSERT(is_refused(crafted("ES256", key, own, claims)));
}

/* T9, T15 */
static void another_spelling_of_a_good_token_is_no_token(void)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct arena *a = http_arena();
	const char *good = token("spelling", NULL, NULL);
	char *last = arena_cstr(a, str_c(good));
	char *end = last + strlen(last) - 1;
	*end = digits[(strchr(digits, *end) - digits) + 1];
	CU_ASSERT(is_refused(last)); /* spare bits that are not zero */
	CU_ASSERT(is_refused(arena_printf(a, "%s=", good).at));
	CU_ASSERT(is_refused(arena_printf(a, "%s==", good).at));
	CU_ASSERT(is_refused(arena_printf(a, "%s.", good).at));

	CU_ASSERT(is_refused(arena_printf(a, "%.*s", (int)strlen(good) - 1, good).at));
	struct str input = craft_input(a, STR(HEADER_ES), CLAIMS_NOW(ISS_MAIN, { NULL, NULL }));
	static const char zeros[72];
	static const size_t lengths[] = { 0, 1, 63, 64, 65, 72 };
	for (size_t i = 0; i < COUNT_OF(lengths); i++)
		CU_ASSERT(is_refused(arena_cstr(a, craft_signature(a, input, str_of(zeros, lengths[i])))));
}

/* T6, T10, T11, T12, T13 */
static void claims_that_are_not_as_they_must_be_are_refused(void)
{
	struct arena *a = http_arena();
	struct provider *p = stack_provider();
	long long now = (long long)clock_unix_s();
	const struct member cases[][2] = {
		{ { "exp", NULL } },
		{ { "exp", "\"2999999999\"" } },
		{ { "exp", "1e99" } },
		{ { "exp", "99999999999999999999" } },
		{ { "nbf", arena_printf(a, "%lld", now + 600).at } },
		{ { "iat", arena_printf(a, "%lld", now + 600).at } },
		{ { "iss", "\"https://evil.example\"" } },
		{ { "iss", NULL } },
		{ { "aud", "\"another\"" } },
		{ { "aud", "[]" } },
		{ { "aud", NULL } },
		{ { "sub", NULL } },
		{ { "sub", "\"\"" } },
		{ { "sub", "\"a\"" }, { "sub", "\"b\"" } },
		{ { "sub", "\"line\\nfeed\"" } },
		{ { "nonce", "\"n\"" } },
		{ { "at_hash", "\"h\"" } },
		{ { "token_use", "\"id\"" } },
		{ { "token_use", "\"refresh\"" } },
		{ { "typ", "\"Refresh\"" } },
		{ { "env", "1" } },
		{ { "app_metadata", "{\"tenant_id\":1}" } },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		CU_ASSERT(is_refused(token_of(ISS_MAIN, HEADER_ES, cases[i], cases[i][1].name ? 2 : 1)));
	CU_ASSERT(is_refused(crafted("ES256", p->es, HEADER_ES, STR("[]"))));
	CU_ASSERT(is_refused(crafted("ES256", p->es, HEADER_ES, STR(""))));
	struct str claims = CLAIMS_NOW(ISS_MAIN, { NULL, NULL });
	char *with_nul = arena_cstr(a, claims); /* terminated: its NUL is one byte more */
	CU_ASSERT(is_refused(crafted("ES256", p->es, HEADER_ES, str_of(with_nul, claims.len + 1))));
	struct http_reply r = me(TOKEN(ISS_MAIN, HEADER_ES, { "exp", arena_printf(a, "%lld", now - 600).at }));
	CU_ASSERT(http_is(&r, 401, "token_expired"));
	CU_ASSERT(
		http_header(&r, "WWW-Authenticate") && strstr(http_header(&r, "WWW-Authenticate"), "invalid_token"));
	r = me(TOKEN(ISS_MAIN, HEADER_ES, { "app_metadata", "{\"tenant_id\":\"no uuid\"}" }));
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
}

/* T14 */
static void the_same_subject_of_another_issuer_is_another_user(void)
{
	struct provider *p = stack_provider();
	const char *first = token("twin", NULL, "dev");
	const char *second = crafted(
		"HS256", p->secret, HEADER_HS, CLAIMS_NOW(ISS_SHARED, { "sub", "\"twin\"" }, { "env", "\"dev\"" }));
	struct http_reply one = HTTP("POST", "/v1/auth/bootstrap", .token = first);
	struct http_reply two = HTTP("POST", "/v1/auth/bootstrap", .token = second);
	CU_ASSERT(http_is(&one, 200, "") && http_is(&two, 200, ""));
	CU_ASSERT_STRING_NOT_EQUAL(http_text(&one, "user_id"), http_text(&two, "user_id"));
	CU_ASSERT_STRING_NOT_EQUAL(http_text(&one, "tenant_id"), http_text(&two, "tenant_id"));
}

/* A token of exactly so many bytes. */
static const char *token_of_length(size_t length)
{
	struct arena *a = http_arena();
	char *filler = arena_alloc(a, length + 1);
	for (size_t n = length * 3 / 4;; n--) {
		memset(filler, 'x', n);
		filler[n] = '\0';
		const char *t = TOKEN(ISS_MAIN, HEADER_ES, { "filler", arena_printf(a, "\"%s\"", filler).at });
		if (strlen(t) <= length)
			return t;
	}
}

/* T17 */
static void a_token_may_have_8_KiB_and_no_more(void)
{
	struct http_reply r = me(token_of_length(LIMIT_TOKEN - 100));
	CU_ASSERT(http_is(&r, 200, ""));
	r = me(token_of_length(LIMIT_TOKEN));
	CU_ASSERT(http_is(&r, 200, ""));
	CU_ASSERT(is_refused(token_of_length(LIMIT_TOKEN + 100)));
}

/* T95 */
static void two_tokens_are_none(void)
{
	const char *one = token("first", NULL, "dev"), *two = token("second", NULL, "dev");
	struct arena *a = http_arena();
	struct http_reply r = HTTP("GET", "/v1/auth/me", .token = one,
		.headers = { arena_printf(a, "Authorization: Bearer %s", two).at });
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = HTTP("GET", "/v1/auth/me", .token = one,
		.headers = { arena_printf(a, "Authorization: Bearer %s", one).at });
	CU_ASSERT(http_is(&r, 401, "unauthenticated"));
	r = HTTP("GET", "/v1/auth/me", .headers = { arena_printf(a, "Authorization: bearer %s", one).at });
	CU_ASSERT(http_is(&r, 200, "")); /* the scheme in any case (RFC 9110, 11.1) */
}

static void refusals_are_counted_by_reason_and_write_nothing(void)
{
	static const char *const reasons[] = { "missing", "malformed", "issuer", "key", "signature", "expired",
		"claims" };
	struct arena *a = http_arena();
	int64_t before[COUNT_OF(reasons)], rows = ask_number("SELECT count(*) FROM tenantd.system_events");
	for (size_t i = 0; i < COUNT_OF(reasons); i++)
		before[i] = http_metric(arena_printf(a, "tenantd_auth_failures_total{reason=\"%s\"}", reasons[i]).at);
	const char *good = token("counted", NULL, "dev");
	char *broken = arena_cstr(a, str_c(good));
	size_t at = strlen(broken) - 20;
	broken[at] = broken[at] == 'A' ? 'B' : 'A';
	(void)me(NULL);
	(void)me("x");
	(void)me(TOKEN(ISS_MAIN, HEADER_ES, { "iss", "\"https://evil.example\"" }));
	(void)me(TOKEN(ISS_MAIN, "{\"alg\":\"ES256\",\"kid\":\"nobody\"}", { NULL, NULL }));
	(void)me(broken);
	(void)me(TOKEN(ISS_MAIN, HEADER_ES, { "exp", "1" }));
	(void)me(TOKEN(ISS_MAIN, HEADER_ES, { "aud", "\"x\"" }));
	for (size_t i = 0; i < COUNT_OF(reasons); i++) {
		const char *series = arena_printf(a, "tenantd_auth_failures_total{reason=\"%s\"}", reasons[i]).at;
		int64_t now = http_metric(series);
		if (now != before[i] + 1)
			fprintf(stderr, "  %s went from %lld to %lld\n", series, (long long)before[i], (long long)now);
		CU_ASSERT_EQUAL(now, before[i] + 1);
	}
	CU_ASSERT_EQUAL(ask_number("SELECT count(*) FROM tenantd.system_events"), rows);
}

/* T116 */
static void no_token_gets_into_the_log(void)
{
	const char *good = token("secretive", NULL, "dev");
	stack_log_mark();
	(void)me(good);
	(void)me(text_of("%sx", good));
	UNTIL(SOON_S, stack_log("\"event\":\"request\"", NULL) >= 2);
	CU_ASSERT(stack_log("\"event\":\"request\"", NULL) >= 2);
	CU_ASSERT_EQUAL(stack_log(strrchr(good, '.'), NULL), 0);
	CU_ASSERT_EQUAL(stack_log(text_of("%.*s", 80, strchr(good, '.')), NULL), 0);
}

/* T3, T16: --check says what a start would say. */
static int check_with(const char *setting)
{
	char *argv[] = { (char *)"env", (char *)setting, (char *)stack_program(), (char *)"--check",
		(char *)"--config", (char *)text_of("%s/tenantd.ini", stack_dir()), NULL };
	return cluster_run(stack_cluster(), argv);
}

static void an_issuer_without_a_good_key_refuses_to_start(void)
{
	struct provider *p = stack_provider();
	struct str weak = provider_file(p, "weak", STR("too short"));
	struct arena *a = http_arena();
	CU_ASSERT_EQUAL(check_with("TENANTD_LOG_LEVEL=info"), 0);
	CU_ASSERT_EQUAL(check_with("TENANTD_ISSUER_MAIN_JWKS_FILE="), 78);
	CU_ASSERT_EQUAL(check_with("TENANTD_ISSUER_MAIN_JWKS_FILE=/nowhere"), 78);
	CU_ASSERT_EQUAL(
		check_with(arena_printf(a, "TENANTD_ISSUER_SHARED_HS256_SECRET_FILE=%.*s", STR_ARG(weak)).at), 78);
	CU_ASSERT_EQUAL(check_with("TENANTD_TENANCY_ALLOWED_ENVS="), 78);
	CU_ASSERT_EQUAL(check_with("TENANTD_TENANCY_ALLOWED_ENVS=dev, moon"), 78);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(tokens_of_every_configured_issuer_and_algorithm_are_taken),
		TEST(no_token_is_401_and_says_how),
		TEST(headers_that_would_choose_their_own_verification_are_refused),
		TEST(another_spelling_of_a_good_token_is_no_token),
		TEST(claims_that_are_not_as_they_must_be_are_refused),
		TEST(the_same_subject_of_another_issuer_is_another_user),
		TEST(a_token_may_have_8_KiB_and_no_more),
		TEST(two_tokens_are_none),
		TEST(refusals_are_counted_by_reason_and_write_nothing),
		TEST(no_token_gets_into_the_log),
		TEST(an_issuer_without_a_good_key_refuses_to_start),
	};
	stack_up();
	return unit_main("tokens", tests, COUNT_OF(tests));
}
