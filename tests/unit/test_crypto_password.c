/* Passwords: argon2id as others compute it, and which new ones are taken. */
#include "core/hex.h"
#include "crypto/password.h"
#include "test_crypto.h"

#include <string.h>

/* Computed with the reference program: echo -n "a fine long phrase" | argon2 saltsaltsaltsalt -id -t 2 -k 19456 -p 1 -l 32 -r */
static void a_password_is_derived_by_argon2id(void)
{
	uint8_t out[PASSWORD_DERIVED], again[PASSWORD_DERIVED], wanted[PASSWORD_DERIVED];
	struct error err = ERROR_INIT;
	const uint8_t *salt = (const uint8_t *)"saltsaltsaltsalt";
	CU_ASSERT_FATAL(hex_decode(
		STR("d7449815fa7ee2623c114a1ee7dff53b1666c971eae678cd22ba63eefa8bbe82"), wanted, sizeof(wanted)));
	CU_ASSERT(password_derive(STR("a fine long phrase"), 1, salt, out, &err));
	CU_ASSERT(memcmp(out, wanted, sizeof(out)) == 0);
	CU_ASSERT(password_derive(STR("a fine long phrase "), 1, salt, again, &err));
	CU_ASSERT(memcmp(out, again, sizeof(out)) != 0);
	CU_ASSERT(
		password_derive(STR("a fine long phrase"), 1, (const uint8_t *)"SALTsaltsaltsalt", again, &err));
	CU_ASSERT(memcmp(out, again, sizeof(out)) != 0);
	/* A cost that this tenantd does not know is none that it guesses. */
	CU_ASSERT_FALSE(password_derive(STR("a fine long phrase"), 0, salt, out, &err));
	CU_ASSERT_FALSE(password_derive(STR("a fine long phrase"), 99, salt, out, &err));
}

static void a_new_password_is_long_and_not_easy_to_guess(void)
{
	static const char *const taken[] = { "a fine long phrase", "ten signs!", "correct horse battery",
		"üüßßöö äää", "0123456788", "aaaaaaaaab", "          x" };
	static const char *const refused[] = { "", "nine sign", "0123456789", "1234567890", "9876543210",
		"aaaaaaaaaa", "abcdefghijkl", "Password123", "PASSWORD123", "qwertyuiop", "administrator",
		"una.long.name", "UNA.LONG.NAME@example.com" };
	struct str email = STR("una.long.name@example.com");
	for (size_t i = 0; i < COUNT_OF(taken); i++) {
		struct error err = ERROR_INIT;
		CU_ASSERT(password_is_fit(STR("password"), str_c(taken[i]), email, &err));
	}
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		struct error err = ERROR_INIT;
		CU_ASSERT_FALSE(password_is_fit(STR("password"), str_c(refused[i]), email, &err));
		CU_ASSERT(err.code == ERR_INVALID_REQUEST && err.field_count == 1 &&
			strcmp(err.fields[0].name, "password") == 0);
	}
}

const struct unit_test password_tests[] = {
	TEST(a_password_is_derived_by_argon2id),
	TEST(a_new_password_is_long_and_not_easy_to_guess),
};
const size_t password_test_count = COUNT_OF(password_tests);
