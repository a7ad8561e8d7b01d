/* Names, mail addresses, slugs, countries (T31, T80). */
#include "test_core.h"

#include "core/limits.h"
#include "core/validate.h"

typedef bool check(struct str, struct str, struct error *);

static bool passes(check *rule, struct str value)
{
	struct error err = ERROR_INIT;
	bool ok = rule(STR("the_field"), value, &err);
	CU_ASSERT_EQUAL(err.field_count, ok ? 0 : 1);
	CU_ASSERT(ok || strcmp(err.fields[0].name, "the_field") == 0);
	CU_ASSERT(ok || err.fields[0].why[0] != '\0');
	return ok;
}

static void names_people_use_pass(void)
{
	static const char *const good[] = { "A", " Anna-Maria O'Neil ", "Jos\xc3\xa9 \xe5\xbc\xa0\xe4\xbc\x9f",
		"Caf\xc3\xa9 \xe2\x98\x95\xef\xb8\x8f", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", "a; DROP TABLE x --" };
	for (size_t i = 0; i < COUNT_OF(good); i++)
		CU_ASSERT(passes(validate_name, str_c(good[i])));
}

/* T80 */
static void names_that_hide_or_reorder_are_refused(void)
{
	static const char *const bad[] = { "", "  \t", "a\nb", "a\x1b[0m", "a\x7f", "a\xc2\x85", "a\xe2\x80\xaex",
		"a\xe2\x81\xa6x", "a\xd8\x9cx", "a\xe2\x80\x8bx", "a\xe2\x80\x8dx", "a\xef\xbb\xbf", "\xc2\xad",
		"\xe3\x85\xa4", "\xc2\xa0\xe3\x80\x80", "\xe2\xa0\x80", "a\xf3\xa0\x80\x81", "a\xef\xbf\xbf",
		"a\xf0\x9f\xbf\xbe", "a\xff", "a\xe2\x80\xa8x" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_FALSE(passes(validate_name, str_c(bad[i])));
	CU_ASSERT_FALSE(passes(validate_name, STR("a\0b")));
	char text[LIMIT_NAME + 2];
	memset(text, 'x', sizeof(text));
	CU_ASSERT(passes(validate_name, (struct str){ text, LIMIT_NAME }));
	CU_ASSERT_FALSE(passes(validate_name, (struct str){ text, LIMIT_NAME + 1 }));
}

static void texts_may_have_lines(void)
{
	struct error err = ERROR_INIT;
	CU_ASSERT(validate_text(STR("f"), STR("Street 1\nTown"), 100, &err));
	CU_ASSERT_FALSE(validate_text(STR("f"), STR("Street 1\r\nTown"), 100, &err));
	CU_ASSERT_FALSE(validate_text(STR("f"), STR("\n\n"), 100, &err));
	CU_ASSERT_FALSE(validate_text(STR("f"), STR("12345"), 4, &err));
}

static void mail_addresses_are_plain(void)
{
	static const char *const good[] = { "a@b.example", "Anna.B+tag@mail.b-c.example", "o'neil_x@b.example",
		"j\xc3\xb6rg@b\xc3\xbc.example" };
	static const char *const bad[] = { "", "a", "@b.c", "a@", "a@b", "a@b.", "a@.b.c", "a@b..c", "a@@b.c",
		"a@b.c@d.e", "a b@c.d", "a@b c.d", " a@b.c", "a@b.c\n", "a@b.c\r\nBcc: x@y.z", ".a@b.c", "a.@b.c",
		"a..b@c.d", "a@-b.c", "a@b-.c", "\"a\"@b.c", "<a@b.c>", "a,b@c.d", "a;b@c.d", "a\\@b.c",
		"a@[1.2.3.4]", "a\xe2\x80\x8b@b.c", "a@b_c.d", "a\xff@b.c" };
	for (size_t i = 0; i < COUNT_OF(good); i++)
		CU_ASSERT(passes(validate_email, str_c(good[i])));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_FALSE(passes(validate_email, str_c(bad[i])));
	char text[300];
	memset(text, 'x', sizeof(text));
	memcpy(text + 64, "@b.example", 10);
	CU_ASSERT(passes(validate_email, (struct str){ text, 74 }));
	CU_ASSERT_FALSE(passes(validate_email, (struct str){ text, 300 }));
	memcpy(text + 64, "x@b.exampl", 10);
	CU_ASSERT_FALSE(passes(validate_email, (struct str){ text, 74 }));
}

/* T31 */
static void slugs_are_normalised_or_refused(void)
{
	char out[LIMIT_SLUG + 1];
	struct str slug;
	CU_ASSERT(slug_normalise(STR(" Acme-1 "), out, &slug) && str_eq(slug, STR("acme-1")));
	CU_ASSERT_STRING_EQUAL(out, "acme-1");
	static const char *const bad[] = { "", "ab", "-ab", "ab-", "a_b", "a.b", "a b", "WWW", "Api", "admin",
		"tenantd", "xn--bcher-kva", "m\xc3\xbcller", "a\nb", "acme\xe2\x80\x8b" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_FALSE(slug_normalise(str_c(bad[i]), out, &slug));
	char text[64];
	memset(text, 'x', sizeof(text));
	CU_ASSERT(slug_normalise((struct str){ text, 63 }, out, &slug) && slug.len == 63);
	CU_ASSERT_FALSE(slug_normalise((struct str){ text, 64 }, out, &slug));
	CU_ASSERT_FALSE(slug_normalise(STR("a\0b"), out, &slug));
	CU_ASSERT(passes(validate_slug, STR("acme")));
	CU_ASSERT_FALSE(passes(validate_slug, STR("Acme")));
}

static void countries_are_two_capitals(void)
{
	CU_ASSERT(passes(validate_country, STR("DE")));
	static const char *const bad[] = { "", "D", "de", "DEU", "D1", "\xc3\x84" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_FALSE(passes(validate_country, str_c(bad[i])));
}

static const struct unit_test tests[] = {
	TEST(names_people_use_pass),
	TEST(names_that_hide_or_reorder_are_refused),
	TEST(texts_may_have_lines),
	TEST(mail_addresses_are_plain),
	TEST(slugs_are_normalised_or_refused),
	TEST(countries_are_two_capitals),
};
const struct core_tests core_validate = { tests, COUNT_OF(tests) };
