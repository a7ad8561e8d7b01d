/* SHA-256, HMAC, hex and base64url, against the vectors of their standards. */
#include "test_crypto.h"

static void check_hex(const uint8_t *bytes, size_t len, const char *expected)
{
	CU_ASSERT_STRING_EQUAL(hex_encode(arena, bytes, len).at, expected);
}

static void sha256_is_that_of_fips_180(void)
{
	uint8_t out[SHA256_SIZE];
	digest_sha256(STR(""), out);
	check_hex(out, sizeof(out), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_sha256(STR("abc"), out);
	check_hex(out, sizeof(out), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void hmac_is_that_of_rfc_4231(void)
{
	uint8_t out[SHA256_SIZE], key[131];
	digest_hmac(STR("Jefe"), STR("what do ya want for nothing?"), out);
	check_hex(out, sizeof(out), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	digest_hmac(str_of((const char *)key, sizeof(key)),
		STR("Test Using Larger Than Block-Size Key - Hash Key First"), out);
	check_hex(out, sizeof(out), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void digests_compare_by_every_byte(void)
{
	uint8_t a[SHA256_SIZE] = { 0 }, b[SHA256_SIZE] = { 0 };
	CU_ASSERT_TRUE(digest_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] = 0x80;
		CU_ASSERT_FALSE(digest_equal(a, b, sizeof(a)));
		b[i] = 0;
	}
}

static void two_draws_of_randomness_differ(void)
{
	uint8_t a[16] = { 0 }, b[16] = { 0 }, zero[16] = { 0 };
	digest_random(a, sizeof(a));
	digest_random(b, sizeof(b));
	CU_ASSERT_TRUE(memcmp(a, b, sizeof(a)) != 0);
	CU_ASSERT_TRUE(memcmp(a, zero, sizeof(a)) != 0);
}

static void base64url_is_that_of_rfc_4648(void)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "-_-_" } };
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		char out[8];
		size_t len = 99;
		struct str text = base64url_encode(arena, pairs[i][0], strlen(pairs[i][0]));
		CU_ASSERT_TRUE(str_eq(text, str_c(pairs[i][1])));
		CU_ASSERT_TRUE(base64url_decode(text, out, sizeof(out), &len));
		CU_ASSERT_TRUE(str_eq(str_of(out, len), str_c(pairs[i][0])));
	}
}

static void base64url_refuses_every_other_spelling(void)
{
	static const char *const bad[] = { "Zg==", "Zm8=", "Z", "Zm9vY", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm9v\n",
		" Zg", "Zm9v Zg", "Zm9v.", "Zm\x80v", "=" };
	char out[16];
	size_t len;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_FALSE(base64url_decode(str_c(bad[i]), out, sizeof(out), &len));
	CU_ASSERT_FALSE(base64url_decode(str_of("Zm9\0", 4), out, sizeof(out), &len));
}

/* Every two characters: at most one spelling for a byte, and it is the encoder's. */
static void a_byte_has_one_spelling(void)
{
	unsigned taken = 0;
	for (unsigned i = 0; i < 65536; i++) {
		char text[2] = { (char)(i >> 8), (char)(i & 255) }, out[1];
		size_t len;
		if (!base64url_decode(str_of(text, 2), out, 1, &len))
			continue;
		taken++;
		char again[2];
		memcpy(again, base64url_encode(arena, out, 1).at, 2);
		CU_ASSERT_TRUE(len == 1 && memcmp(again, text, 2) == 0);
	}
	CU_ASSERT_EQUAL(taken, 256);
}

static void base64url_keeps_to_its_room(void)
{
	char out[4] = "...";
	size_t len;
	CU_ASSERT_FALSE(base64url_decode(STR("Zm9v"), out, 2, &len));
	CU_ASSERT_STRING_EQUAL(out, "...");
	CU_ASSERT_TRUE(base64url_decode(STR("Zm9v"), out, 3, &len));
	CU_ASSERT_STRING_EQUAL(out, "foo");
}

const struct unit_test digest_tests[] = {
	TEST(sha256_is_that_of_fips_180),
	TEST(hmac_is_that_of_rfc_4231),
	TEST(digests_compare_by_every_byte),
	TEST(two_draws_of_randomness_differ),
	TEST(base64url_is_that_of_rfc_4648),
	TEST(base64url_refuses_every_other_spelling),
	TEST(a_byte_has_one_spelling),
	TEST(base64url_keeps_to_its_room),
};
const size_t digest_test_count = COUNT_OF(digest_tests);
