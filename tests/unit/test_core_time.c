/* Times as text: what is taken as RFC 3339, and what is not. */
#include "test_core.h"

#include "core/time.h"

static void times_of_rfc3339_pass(void)
{
	static const char *const good[] = { "2026-01-31T12:00:00Z", "2026-12-31T23:59:59+15:59",
		"2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.123456-11:30",
		"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z" };
	for (size_t i = 0; i < COUNT_OF(good); i++)
		CU_ASSERT(time_is_rfc3339(str_c(good[i])));
}

static void months_have_their_days_and_no_more(void)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	char text[64];
	for (int month = 0; month <= 99; month++)
		for (int day = 0; day <= 99; day++) {
			bool is_day = month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
			snprintf(text, sizeof(text), "2026-%02d-%02dT12:00:00Z", month, day);
			CU_ASSERT_EQUAL(time_is_rfc3339(str_c(text)), is_day);
		}
}

static void leap_years_alone_have_a_29th_of_february(void)
{
	CU_ASSERT(time_is_rfc3339(STR("2024-02-29T00:00:00Z")));
	CU_ASSERT(time_is_rfc3339(STR("2000-02-29T00:00:00Z")));
	CU_ASSERT_FALSE(time_is_rfc3339(STR("2026-02-29T00:00:00Z")));
	CU_ASSERT_FALSE(time_is_rfc3339(STR("2100-02-29T00:00:00Z")));
	CU_ASSERT_FALSE(time_is_rfc3339(STR("2024-02-30T00:00:00Z")));
}

static void other_times_are_refused(void)
{
	static const char *const bad[] = { "", "Z", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00Z",
		"2026-01-31 12:00:00Z", "2026-01-31t12:00:00Z", "2026-01-31T12:00:00z", "2026-1-31T12:00:00Z",
		"2026-01-31T24:00:00Z", "2026-01-31T99:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:60Z",
		"2026-01-31T12:00:00.Z", "2026-01-31T12:00:00.1234567Z", "2026-01-31T12:00:00,5Z",
		"2026-01-31T12:00:00.5", "2026-01-31T12:00:00+16:00", "2026-01-31T12:00:00+24:00",
		"2026-01-31T12:00:00+01:60", "2026-01-31T12:00:00+0100", "2026-01-31T12:00:00+01",
		"2026-01-31T12:00:00+01:000", "2026-01-31T12:00:00Z ", " 2026-01-31T12:00:00Z",
		"2026-01-31T12:00:00ZZ", "0000-01-01T00:00:00Z", "12026-01-01T00:00:00Z", "-026-01-01T00:00:00Z",
		"2026-01-31T12:00:00.-1Z", "2026-01-31T12:00:00 01:00" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CU_ASSERT_FALSE(time_is_rfc3339(str_c(bad[i])));
}

/* A text has no end but its length. */
static void nothing_behind_the_length_is_read(void)
{
	struct str whole = STR("2026-01-31T12:00:00.5+01:00");
	for (size_t len = 0; len < whole.len; len++)
		CU_ASSERT_FALSE(time_is_rfc3339(str_of(whole.at, len)));
	CU_ASSERT(time_is_rfc3339(whole));
}

static const struct unit_test tests[] = {
	TEST(times_of_rfc3339_pass),
	TEST(months_have_their_days_and_no_more),
	TEST(leap_years_alone_have_a_29th_of_february),
	TEST(other_times_are_refused),
	TEST(nothing_behind_the_length_is_read),
};
const struct core_tests core_time = { tests, COUNT_OF(tests) };
