/* The Prefer header: which preferences are applied, and which of them Preference-Applied reports. */
#include "test_resource.h"

static void preferences_are_wishes(void)
{
	struct prefer p;
	enum {
		ALL = PREFERS_RETURN | PREFERS_COUNT | PREFERS_MERGE | PREFERS_IGNORE | PREFERS_TX | PREFERS_MISSING
	};
	error = (struct error)ERROR_INIT;
	CU_ASSERT(prefer_parse(&p, arena,
		STR("return=minimal, count=exact;x=y,tx=\"rollback\" , return=representation, wild"), ALL, &error));
	CU_ASSERT(p.returns == RETURN_MINIMAL && p.counts_exactly && p.is_rehearsal && !p.missing_default);
	CU_ASSERT(str_eq(p.applied, STR("return=minimal, count=exact, tx=rollback")));
	CU_ASSERT(prefer_parse(&p, arena, STR("count=exact,resolution=merge-duplicates"), PREFERS_COUNT, &error));
	CU_ASSERT(p.resolution == RESOLUTION_NONE && str_eq(p.applied, STR("count=exact")));
	CU_ASSERT(!prefer_parse(&p, arena, STR("handling=strict, wild=1"), ALL, &error) && is_named("Prefer"));
	CU_ASSERT(
		prefer_parse(&p, arena, STR("handling=strict, missing=default,,"), ALL, &error) && p.missing_default);
	CU_ASSERT(str_eq(p.applied, STR("handling=strict, missing=default")));
	CU_ASSERT(prefer_parse(&p, arena, STR("handling=lenient, wild, handling=strict"), ALL, &error));
	CU_ASSERT(!p.is_strict && str_eq(p.applied, STR("handling=lenient")));
}

static void a_guess_at_the_count_is_a_count(void)
{
	static const char *const wishes[] = { "count=planned", "count=estimated", "count=exact, count=planned" };
	struct prefer p;
	for (size_t i = 0; i < COUNT_OF(wishes); i++) {
		CU_ASSERT(prefer_parse(&p, arena, str_c(wishes[i]), PREFERS_COUNT, &error) && p.counts_exactly);
		CU_ASSERT(str_eq(p.applied, STR("count=exact")));
	}
}

static void rows_affected_are_limited_under_strict_handling(void)
{
	enum { CHANGE = PREFERS_RETURN | PREFERS_MOST };
	struct prefer p;
	CU_ASSERT(prefer_parse(&p, arena, STR("max-affected=5, handling=strict,max-affected=6"), CHANGE, &error));
	CU_ASSERT(p.has_most && p.most == 5 && str_eq(p.applied, STR("handling=strict, max-affected=5")));
	CU_ASSERT(prefer_parse(&p, arena, STR("max-affected=5"), CHANGE, &error) && !p.has_most);
	CU_ASSERT(str_is_empty(p.applied));
	static const char *const bad[] = { "max-affected=-1", "max-affected=", "max-affected",
		"max-affected=9223372036854775808", "max-affected=1x", "max-affected=1 OR 1" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct str header = arena_printf(arena, "handling=strict, %s", bad[i]);
		error = (struct error)ERROR_INIT;
		CU_ASSERT(!prefer_parse(&p, arena, header, CHANGE, &error) && is_named("Prefer"));
	}
	error = (struct error)ERROR_INIT;
	CU_ASSERT(!prefer_parse(&p, arena, STR("handling=strict, max-affected=1"), PREFERS_RETURN, &error) &&
		is_named("Prefer"));
}

const struct unit_test prefer_tests[] = {
	TEST(preferences_are_wishes),
	TEST(a_guess_at_the_count_is_a_count),
	TEST(rows_affected_are_limited_under_strict_handling),
};
const size_t prefer_test_count = COUNT_OF(prefer_tests);
