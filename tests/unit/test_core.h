/* The parts of the core room's one test program. */
#ifndef TENANTD_TESTS_TEST_CORE_H
#define TENANTD_TESTS_TEST_CORE_H

#include "core/error.h"
#include "support/unit.h"

struct core_tests {
	const struct unit_test *at;
	size_t count;
};

extern const struct core_tests core_values, core_csv, core_json, core_json_write, core_config, core_log,
	core_metrics, core_time, core_validate;

/* The whole file TOP_SRCDIR/path, terminated, to be freed; ends the program when there is none. */
char *read_source(const char *path);

#endif
