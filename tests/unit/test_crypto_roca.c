/*
 * RSA keys with the fingerprint of Infineon's library (T16; ROCA, CVE-2017-15361). The moduli here are made to have it:
 * each is a power of 65537 plus a multiple of the product of all small primes that the test uses. Their factors are not
 * known.
 */
#include "test_crypto.h"

enum { MOST_BYTES = 1024 };

/* The primes of the published test. */
static const unsigned primes[] = { 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71,
	73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167 };

/* A whole number, the least byte last. */
struct number {
	uint8_t bytes[MOST_BYTES];
};

static struct number number_of(unsigned value)
{
	struct number n = { { 0 } };
	n.bytes[MOST_BYTES - 1] = (uint8_t)value;
	return n;
}

static void multiply(struct number *n, unsigned by)
{
	uint64_t carry = 0;
	for (size_t i = MOST_BYTES; i-- > 0;) {
		carry += (uint64_t)n->bytes[i] * by;
		n->bytes[i] = (uint8_t)carry;
		carry >>= 8;
	}
	CU_ASSERT_EQUAL_FATAL(carry, 0);
}

static void add(struct number *n, const struct number *more)
{
	unsigned carry = 0;
	for (size_t i = MOST_BYTES; i-- > 0;) {
		carry += (unsigned)n->bytes[i] + more->bytes[i];
		n->bytes[i] = (uint8_t)carry;
		carry >>= 8;
	}
	CU_ASSERT_EQUAL_FATAL(carry, 0);
}

/* The same numbers in every run. */
static unsigned next_random(void)
{
	static uint64_t state = 88172645463325252U;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 40);
}

/* Twice the product of the primes, but for one of them; 0 leaves out none. */
static struct number product_without(unsigned left_out)
{
	struct number m = number_of(2);
	for (size_t i = 0; i < COUNT_OF(primes); i++)
		if (primes[i] != left_out)
			multiply(&m, primes[i]);
	return m;
}

/* Odd, of more bytes than given, and in the fingerprint: 65537 to some power, and a multiple of the primes. */
static struct number marked(unsigned power, size_t above)
{
	struct number n = number_of(1), multiple = product_without(0);
	for (unsigned i = 0; i < power; i++)
		multiply(&n, 65537);
	while (multiple.bytes[MOST_BYTES - above - 1] == 0)
		multiply(&multiple, next_random() % 65535 + 1);
	add(&n, &multiple);
	return n;
}

static size_t start_of(const struct number *n)
{
	size_t i = 0;
	while (n->bytes[i] == 0)
		i++;
	return i;
}

/* NULL when an issuer with this one key is taken; what the operator is told when it is refused. */
static const char *refusal(const uint8_t *n, size_t len)
{
	struct error err = ERROR_INIT;
	struct str text = base64url_encode(provider->arena, n, len);
	struct str jwk = arena_printf(
		provider->arena, "{\"kty\":\"RSA\",\"kid\":\"card\",\"n\":\"%.*s\",\"e\":\"AQAB\"}", STR_ARG(text));
	struct config *config = ARENA_NEW(provider->arena, struct config);
	config->issuers[0] = provider_issuer(provider, "tried", "https://tried.example", "RS256");
	config->issuers[0].jwks_file = provider_file(provider, "tried.json", provider_jwks(provider, &jwk, 1));
	config->issuer_count = 1;
	if (keystore_load(provider->arena, config, &err))
		return NULL;
	return arena_str(provider->arena, str_c(err.operator)).at;
}

static const char *refusal_of(const struct number *n)
{
	size_t start = start_of(n);
	return refusal(n->bytes + start, MOST_BYTES - start);
}

static void T16_a_key_of_infineons_library_refuses_to_start(void)
{
	static const size_t lengths[] = { 256, 384, 512, 1000 };
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		for (unsigned k = 0; k < 8; k++) {
			struct number n = marked(next_random() % 127, lengths[i]);
			const char *said = refusal_of(&n);
			CU_ASSERT_PTR_NOT_NULL_FATAL(said);
			CU_ASSERT_PTR_NOT_NULL(strstr(said, "issuer \"tried\": key \"card\": "));
			CU_ASSERT_PTR_NOT_NULL(strstr(said, "CVE-2017-15361"));
			CU_ASSERT_PTR_NOT_NULL(strstr(said, "make a new key"));
		}
	}
}

/* Of the remainders by one prime, all others being right, as many are refused as the published test has marks. */
static void T16_each_prime_of_the_fingerprint_counts(void)
{
	static const struct {
		unsigned prime;
		unsigned marks;
	} cases[] = { { 3, 2 }, { 11, 2 }, { 13, 6 }, { 17, 8 }, { 37, 3 }, { 97, 6 }, { 127, 42 },
		{ 167, 166 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct number n = marked(5, 256), step = product_without(cases[i].prime);
		unsigned refused_count = 0;
		for (unsigned remainder = 0; remainder < cases[i].prime; remainder++) {
			refused_count += refusal_of(&n) != NULL;
			add(&n, &step);
		}
		CU_ASSERT_EQUAL(refused_count, cases[i].marks);
	}
}

static void an_ordinary_rsa_key_is_not_taken_for_one_of_infineons(void)
{
	for (int i = 0; i < 1000; i++) {
		uint8_t n[256];
		for (size_t j = 0; j < sizeof(n); j++)
			n[j] = (uint8_t)next_random();
		n[0] |= 0x80;
		n[sizeof(n) - 1] |= 1;
		CU_ASSERT_PTR_NULL(refusal(n, sizeof(n)));
	}
}

const struct unit_test roca_tests[] = {
	TEST(T16_a_key_of_infineons_library_refuses_to_start),
	TEST(T16_each_prime_of_the_fingerprint_counts),
	TEST(an_ordinary_rsa_key_is_not_taken_for_one_of_infineons),
};
const size_t roca_test_count = COUNT_OF(roca_tests);
