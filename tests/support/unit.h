/*
 * A CUnit program is a table of tests, whose names are sentences, and a main that returns unit_main(...). That runs every
 * test, prints what failed, and returns 0 only when at least one assertion was made and none failed. UNIT_ONLY in the
 * environment selects tests by a part of their name.
 */
#ifndef TENANTD_TESTS_UNIT_H
#define TENANTD_TESTS_UNIT_H

#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit_test {
	const char *name;
	void (*run)(void);
};

// clang-format off
#define TEST(fn) { #fn, fn }
// clang-format on

/* Why a test is left out of this run; NULL: it is not. Only programs that have a stack define it. */
__attribute__((weak)) const char *unit_excuse(const char *suite, const char *test);

static inline int unit_main(const char *suite, const struct unit_test *tests, size_t count)
{
	const char *only = getenv("UNIT_ONLY"); /* part of a test's name */
	if (CU_initialize_registry() != CUE_SUCCESS) {
		fprintf(stderr, "%s: CUnit did not start\n", suite);
		return EXIT_FAILURE;
	}
	CU_basic_set_mode(CU_BRM_NORMAL);
	size_t excused = 0;
	CU_pSuite s = CU_add_suite(suite, NULL, NULL);
	for (size_t i = 0; s && i < count; i++) {
		if (only && !strstr(tests[i].name, only))
			continue;
		const char *excuse = unit_excuse ? unit_excuse(suite, tests[i].name) : NULL;
		if (excuse) {
			fprintf(stderr, "%s: without %s: %s\n", suite, tests[i].name, excuse);
			excused++;
			continue;
		}
		if (!CU_add_test(s, tests[i].name, tests[i].run))
			s = NULL;
	}
	if (excused == count)
		fprintf(stderr, "%s: left out here\n", suite); /* tests/check looks for this */
	bool ran = s && CU_basic_run_tests() == CUE_SUCCESS;
	unsigned failed = CU_get_number_of_failures();
	unsigned asserts = CU_get_number_of_asserts();
	CU_cleanup_registry();
	if (!ran || failed > 0 || (asserts == 0 && excused < count)) {
		fprintf(stderr, "%s: %u of %u assertions failed\n", suite, failed, asserts);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

#endif
