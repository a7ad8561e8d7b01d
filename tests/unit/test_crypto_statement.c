/* Statements: what is signed with a key of its own can be checked with the public half, and with nothing else. */
#include "test_crypto.h"

#include "core/config.h"
#include "crypto/statement.h"
#include "crypto/token.h"
#include "support/files.h"

#include <stdlib.h>

static struct arena *a;
static char dir[128];
static struct config config;
static struct str jwks[2];

static void sign_with(const char *alg, size_t set)
{
	struct error err = ERROR_INIT;
	struct str pem, jwk;
	CU_ASSERT_FATAL(token_key_new(a, str_c(alg), STR("any"), &pem, &jwk, &err));
	config.governance.key_file = arena_printf(a, "%s/%s-%zu.pem", dir, alg, set);
	files_write(config.governance.key_file.at, arena_cstr(a, pem), 0600);
	jwks[set] = arena_printf(a, "{\"keys\":[%.*s]}", STR_ARG(jwk));
}

static void begin(void)
{
	a = arena_new(4096);
	config = (struct config){ 0 };
	files_begin(dir, sizeof(dir), "statement");
}

static void end(void)
{
	files_end(dir);
	arena_free(a);
}

static void what_was_stated_is_read_with_the_public_half_alone(void)
{
	static const char *const algs[] = { "ES256", "EdDSA", "RS256" };
	struct error err = ERROR_INIT;
	struct str compact, json;
	begin();
	for (size_t i = 0; i < COUNT_OF(algs); i++) {
		sign_with(algs[i], 1);
		sign_with(algs[i], 0);
		CU_ASSERT_FATAL(statement_sign(a, &config, STR("{\"left\":0}"), &compact, &err));
		CU_ASSERT(statement_verify(a, jwks[0], compact, &json, &err) && str_eq(json, STR("{\"left\":0}")));
		CU_ASSERT_FALSE(statement_verify(a, jwks[1], compact, &json, &err));
		CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "signed by none of these keys"));
		char *changed = arena_cstr(a, compact);
		char *at = strchr(changed, '.') + 3;
		*at = *at == 'A' ? 'B' : 'A';
		CU_ASSERT_FALSE(statement_verify(a, jwks[0], str_c(changed), &json, &err));
	}
	CU_ASSERT_FALSE(statement_verify(a, jwks[0], STR("a.b"), &json, &err));
	CU_ASSERT_FALSE(statement_verify(a, STR("{}"), compact, &json, &err));
	end();
}

static void nothing_is_signed_without_a_key_that_is_secret(void)
{
	struct error err = ERROR_INIT;
	struct str compact;
	begin();
	CU_ASSERT_FALSE(statement_sign(a, &config, STR("{}"), &compact, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.operator, "tenantctl keys new --private"));
	sign_with("ES256", 0);
	CU_ASSERT(statement_sign(a, &config, STR("{}"), &compact, &err));
	files_write(config.governance.key_file.at, "no key", 0600);
	CU_ASSERT_FALSE(statement_sign(a, &config, STR("{}"), &compact, &err));
	sign_with("ES256", 1);
	files_write(arena_printf(a, "%s/open.pem", dir).at, "no key", 0644);
	config.governance.key_file = arena_printf(a, "%s/open.pem", dir);
	CU_ASSERT_FALSE(statement_sign(a, &config, STR("{}"), &compact, &err));
	end();
}

const struct unit_test statement_tests[] = {
	TEST(what_was_stated_is_read_with_the_public_half_alone),
	TEST(nothing_is_signed_without_a_key_that_is_secret),
};
const size_t statement_test_count = COUNT_OF(statement_tests);
