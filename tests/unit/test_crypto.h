/* What the tests of the crypto room share: one provider, one store with its configuration, and an empty arena. */
#ifndef TENANTD_TESTS_CRYPTO_H
#define TENANTD_TESTS_CRYPTO_H

#include "core/metrics.h"
#include "support/tokens.h"
#include "support/unit.h"

extern struct provider *provider;
extern struct keystore *store;
extern struct arena *arena; /* for one test's leavings */

#define H_ES STR("{\"alg\":\"ES256\",\"kid\":\"es1\",\"typ\":\"JWT\"}")
#define H_RS STR("{\"alg\":\"RS256\",\"kid\":\"rs1\"}")
#define H_ED STR("{\"alg\":\"EdDSA\",\"kid\":\"ed1\"}")
#define H_HS STR("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")

/* A token of the main issuer (ES256) with these members of the claims changed. */
#define TOKEN(...) craft(arena, "ES256", provider->es, H_ES, CLAIMS(arena, ISS_MAIN, __VA_ARGS__))

/* Asserts that the token is taken; what it says. */
struct token_claims accepted(struct str compact);
/* Asserts that it is refused with ERR_UNAUTHENTICATED and counted once, for this reason; twice, so that
 * the cache cannot change the verdict. */
void refused(struct str compact, enum counter reason);

extern const struct unit_test digest_tests[], keystore_tests[], password_tests[], roca_tests[], sign_tests[],
	statement_tests[], token_tests[];
extern const size_t digest_test_count, keystore_test_count, password_test_count, roca_test_count,
	sign_test_count, statement_test_count, token_test_count;

#endif
