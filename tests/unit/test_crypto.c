/* The crypto room's tests: one program, a file for each part of the room. */
#include "test_crypto.h"

struct provider *provider;
struct keystore *store;
struct arena *arena;

struct token_claims accepted(struct str compact)
{
	struct token_claims claims = { 0 };
	struct error err = ERROR_INIT;
	bool good = token_verify(store, arena, compact, LIMIT_LEEWAY_S, &claims, &err);
	CU_ASSERT_TRUE(good);
	if (!good)
		printf("\n    refused, should be taken: %s\n", err.detail);
	return claims;
}

void refused(struct str compact, enum counter reason)
{
	for (int i = 0; i < 2; i++) {
		struct token_claims claims = { .expires = -7 };
		struct error err = ERROR_INIT;
		uint64_t before[COUNTER_COUNT];
		for (int c = 0; c < COUNTER_COUNT; c++)
			before[c] = metrics_value((enum counter)c);
		CU_ASSERT_FALSE(token_verify(store, arena, compact, LIMIT_LEEWAY_S, &claims, &err));
		CU_ASSERT_EQUAL(err.code, ERR_UNAUTHENTICATED);
		CU_ASSERT_EQUAL(claims.expires, -7);
		for (int c = 0; c < COUNTER_COUNT; c++) {
			uint64_t more = metrics_value((enum counter)c) - before[c];
			CU_ASSERT_EQUAL(more, c == (int)reason ? 1 : 0);
			if (more != (c == (int)reason ? 1 : 0))
				printf("\n    reason %d (%s), expected %d\n", c, err.detail, (int)reason);
		}
	}
}

static size_t append(struct unit_test *all, size_t at, const struct unit_test *some, size_t count)
{
	memcpy(all + at, some, count * sizeof(*some));
	return at + count;
}

int main(void)
{
	struct unit_test all[128];
	if (digest_test_count + keystore_test_count + password_test_count + roca_test_count + sign_test_count +
			statement_test_count + token_test_count >
		COUNT_OF(all))
		BUG("more tests than room");
	size_t count = append(all, 0, digest_tests, digest_test_count);
	count = append(all, count, keystore_tests, keystore_test_count);
	count = append(all, count, password_tests, password_test_count);
	count = append(all, count, roca_tests, roca_test_count);
	count = append(all, count, sign_tests, sign_test_count);
	count = append(all, count, statement_tests, statement_test_count);
	count = append(all, count, token_tests, token_test_count);
	struct error err = ERROR_INIT;
	provider = provider_new();
	arena = arena_new(64 * (size_t)1024);
	store = keystore_load(provider->arena, &provider->config, &err);
	if (!store)
		BUG("the provider's keys were refused: %s", err.operator);
	int status = unit_main("crypto", all, count);
	arena_free(arena);
	provider_free(provider);
	return status;
}
