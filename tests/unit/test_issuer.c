/*
 * What is fetched from an issuer, and what is not believed: against a web server that says what a test tells it to. Whatever
 * it says, the set that was good before stays, byte for byte.
 */
#include "core/buf.h"
#include "core/validate.h"
#include "issuer/refresh.h"
#include "support/files.h"
#include "support/origin.h"
#include "support/tokens.h"
#include "support/unit.h"

#include <dirent.h>
#include <unistd.h>

#define DISCOVERY "/.well-known/openid-configuration"

static struct provider *provider;
static struct issuer_config issuer;
static char base[64]; /* the issuer's name: where the web server listens */

static bool goes_on(void)
{
	return false;
}

static bool stops(void)
{
	return true;
}

static struct str kept(void)
{
	struct str text;
	struct error err = ERROR_INIT;
	return config_read_file(provider->arena, "kept", issuer.jwks_file, LIMIT_KEY_FILE, false, &text, &err)
		? text
		: STR("");
}

static struct str set_of(struct str jwk)
{
	return provider_jwks(provider, &jwk, 1);
}

/* A page of discovery that names this issuer and this place of the keys. */
static void discovery_says(const char *name, const char *jwks_uri)
{
	origin_says(DISCOVERY, "200 OK", "",
		arena_printf(provider->arena, "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}", name, jwks_uri));
}

static const char *url_of(const char *path)
{
	return arena_printf(provider->arena, "%s%s", base, path).at;
}

static bool fetched(bool *is_new, struct error *err)
{
	*err = (struct error)ERROR_INIT;
	return issuer_refresh(&issuer, goes_on, is_new, err);
}

/* Begins each test with an issuer whose ES256 key is kept already. */
static void begin(void)
{
	struct error err;
	bool is_new;
	issuer = provider_issuer(provider, "far", base, "ES256");
	issuer.discovery = STR("on");
	issuer.jwks_file = arena_printf(provider->arena, "%s/far.jwks.json", provider->directory);
	(void)unlink(issuer.jwks_file.at);
	discovery_says(base, url_of("/keys"));
	origin_says("/keys", "200 OK", "", set_of(provider->jwk_es));
	CU_ASSERT_FATAL(fetched(&is_new, &err));
	CU_ASSERT_TRUE(is_new);
	CU_ASSERT_TRUE(str_eq(kept(), set_of(provider->jwk_es)));
}

/* The fetch fails with these words, and what was kept is still there. */
static void refuses(const char *words)
{
	struct error err;
	bool is_new;
	CU_ASSERT_FALSE(fetched(&is_new, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, words));
	if (!strstr(err.operator, words))
		fprintf(stderr, "  \"%s\" without \"%s\"\n", err.operator, words);
	CU_ASSERT_TRUE(str_eq(kept(), set_of(provider->jwk_es)));
}

static void the_same_set_is_no_news(void)
{
	struct error err;
	bool is_new = true;
	begin();
	CU_ASSERT_TRUE(fetched(&is_new, &err));
	CU_ASSERT_FALSE(is_new);
}

/* T112 */
static void another_set_takes_the_place_of_the_old_one_and_leaves_nothing_behind(void)
{
	struct error err;
	bool is_new = false;
	struct str young, jwk;
	begin();
	CU_ASSERT_FATAL(token_key_new(provider->arena, STR("ES256"), STR("es2"), &young, &jwk, &err));
	origin_says("/keys", "200 OK", "", set_of(jwk));
	CU_ASSERT_TRUE(fetched(&is_new, &err));
	CU_ASSERT_TRUE(is_new);
	CU_ASSERT_TRUE(str_eq(kept(), set_of(jwk)));
	DIR *d = opendir(provider->directory);
	size_t files = 0;
	for (const struct dirent *e; d && (e = readdir(d));)
		files += strncmp(e->d_name, "far.", 4) == 0;
	closedir(d);
	CU_ASSERT_EQUAL(files, 1);
}

static void the_url_of_the_keys_can_be_configured(void)
{
	struct error err;
	bool is_new = false;
	begin();
	issuer.discovery = STR("off");
	issuer.jwks_url = str_c(url_of("/elsewhere"));
	size_t before = origin_asked(DISCOVERY);
	origin_says("/elsewhere", "200 OK", "Content-Type: application/json\r\n",
		provider_jwks(provider, (const struct str[]){ provider->jwk_es, provider->jwk_rs }, 2));
	CU_ASSERT_TRUE(fetched(&is_new, &err));
	CU_ASSERT_TRUE(is_new);
	CU_ASSERT_EQUAL(origin_asked(DISCOVERY), before);
}

/* T12 */
static void discovery_of_another_issuer_is_refused(void)
{
	begin();
	discovery_says("https://id.example", url_of("/keys"));
	refuses("is of another issuer");
	discovery_says(url_of("/"), url_of("/keys"));
	refuses("is of another issuer");
	origin_says(DISCOVERY, "200 OK", "", STR("[]"));
	refuses("is not a JSON object");
	origin_says(DISCOVERY, "200 OK", "", STR("<html>"));
	refuses("is not a JSON object");
	origin_says(DISCOVERY, "200 OK", "", arena_printf(provider->arena, "{\"issuer\":\"%s\"}", base));
	refuses("has no jwks_uri");
}

/* T7 */
static void keys_are_fetched_from_safe_places_alone(void)
{
	static const char *const places[] = { "http://id.example/keys", "file:///etc/passwd", "ftp://127.0.0.1/k",
		"http://127.0.0.1@id.example/keys", "http://127.0.0.1.id.example/keys", "//127.0.0.1/keys", "" };
	begin();
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		discovery_says(base, places[i]);
		refuses("is not an https:// URL");
	}
	CU_ASSERT_TRUE(url_is_fetchable(STR("https://id.example")));
	CU_ASSERT_TRUE(url_is_fetchable(STR("http://localhost:8080/realms/one")));
	CU_ASSERT_TRUE(url_is_fetchable(STR("http://[::1]:80/")));
	CU_ASSERT_FALSE(url_is_fetchable(STR("https://")));
	CU_ASSERT_FALSE(url_is_fetchable(STR("https:///keys")));
	CU_ASSERT_FALSE(url_is_fetchable(STR("https://user:word@id.example/")));
	CU_ASSERT_FALSE(url_is_fetchable(STR("https://id.example/a b")));
	CU_ASSERT_FALSE(url_is_fetchable(STR("HTTP://id.example/")));
}

static void a_redirect_is_not_followed(void)
{
	begin();
	size_t before = origin_asked("/other");
	origin_says("/other", "200 OK", "", set_of(provider->jwk_rs));
	origin_says("/keys", "302 Found", "Location: /other\r\n", STR(""));
	refuses("redirects are not followed");
	CU_ASSERT_EQUAL(origin_asked("/other"), before);
}

static void answers_that_are_no_set_of_good_keys_are_refused(void)
{
	struct str private =
		set_of(STR("{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"x\",\"alg\":\"ES256\",\"d\":\"AA\","
				   "\"x\":\"AA\",\"y\":\"AA\"}"));
	struct str weak =
		set_of(STR("{\"kty\":\"RSA\",\"kid\":\"w\",\"alg\":\"RS256\",\"n\":\"xjlCRA\",\"e\":\"AQAB\"}"));
	struct {
		struct str body;
		const char *words;
	} sets[] = {
		{ STR(""), "is not JSON" },
		{ STR("<html>good evening</html>"), "is not JSON" },
		{ STR("{\"keys\":[]"), "is not JSON" },
		{ STR("{\"keys\":{}}"), "no array" },
		{ STR("{\"keys\":[]}"), "no key for algorithm" },
		{ set_of(provider->jwk_rs), "no key for algorithm" },
		{ private, "key \"x\"" },
		{ provider_jwks(provider, (const struct str[]){ provider->jwk_es, provider->jwk_es }, 2),
			"two ES256 keys" },
	};
	begin();
	for (size_t i = 0; i < COUNT_OF(sets); i++) {
		origin_says("/keys", "200 OK", "", sets[i].body);
		refuses(sets[i].words);
	}
	issuer.algorithms = provider_issuer(provider, "far", base, "RS256").algorithms;
	origin_says("/keys", "200 OK", "", weak);
	refuses("key \"w\"");
}

static void an_answer_that_is_too_large_is_refused(void)
{
	struct buf b;
	begin();
	buf_init(&b, provider->arena, 2 * (size_t)LIMIT_KEY_FILE);
	buf_add(&b, set_of(provider->jwk_es));
	while (b.len <= LIMIT_KEY_FILE)
		buf_add_c(&b, "          ");
	origin_says("/keys", "200 OK", "", buf_str(&b));
	refuses("more than 262144 bytes");
}

static void an_issuer_that_is_away_or_broken_changes_nothing(void)
{
	begin();
	origin_says("/keys", "500 Internal Server Error", "", set_of(provider->jwk_rs));
	refuses("answers 500");
	origin_says("/keys", "404 Not Found", "", STR("{}"));
	refuses("answers 404");
	origin_dies();
	refuses("cannot be fetched");
}

static void an_issuer_that_never_ends_its_answer_costs_a_bounded_time(void)
{
	begin();
	origin_hangs("/keys");
	int64_t begun = clock_mono_us();
	refuses("cannot be fetched");
	CU_ASSERT(clock_mono_us() - begun < (LIMIT_FETCH_MS + 5000) * INT64_C(1000));
	/* The master drains: it does not have to wait for that. */
	struct error err = ERROR_INIT;
	bool is_new;
	begun = clock_mono_us();
	CU_ASSERT_FALSE(issuer_refresh(&issuer, stops, &is_new, &err));
	CU_ASSERT(clock_mono_us() - begun < 5000 * INT64_C(1000));
}

static void a_folder_that_cannot_be_written_is_told(void)
{
	struct error err;
	bool is_new;
	begin();
	issuer.jwks_file = STR("/nowhere/at/all.json");
	CU_ASSERT_FALSE(fetched(&is_new, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "cannot write jwks_file"));
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(the_same_set_is_no_news),
		TEST(another_set_takes_the_place_of_the_old_one_and_leaves_nothing_behind),
		TEST(the_url_of_the_keys_can_be_configured),
		TEST(discovery_of_another_issuer_is_refused),
		TEST(keys_are_fetched_from_safe_places_alone),
		TEST(a_redirect_is_not_followed),
		TEST(answers_that_are_no_set_of_good_keys_are_refused),
		TEST(an_answer_that_is_too_large_is_refused),
		TEST(an_issuer_that_is_away_or_broken_changes_nothing),
		TEST(an_issuer_that_never_ends_its_answer_costs_a_bounded_time),
		TEST(a_folder_that_cannot_be_written_is_told),
	};
	provider = provider_new();
	snprintf(base, sizeof(base), "http://127.0.0.1:%d", origin_begin());
	int status = unit_main("issuer", tests, COUNT_OF(tests));
	provider_free(provider);
	return status;
}
