/* What the tests of the resource room share. */
#ifndef TENANTD_TESTS_RESOURCE_ROOM_H
#define TENANTD_TESTS_RESOURCE_ROOM_H

#include "resource/build.h"
#include "support/resource.h"
#include "support/unit.h"

extern struct arena *arena;
extern struct error error; /* of the last call */

/* Parses "a=eq.1&order=b" (nothing is decoded here); the query lives until the next call. */
bool parse(const char *text, int takes);
extern struct query query;
/* True when the last call was refused and `field` is named. */
bool is_named(const char *field);
bool has(struct str text, const char *part);

extern const struct unit_test query_tests[], value_tests[], input_tests[], build_tests[];
extern const size_t query_test_count, value_test_count, input_test_count, build_test_count;

#endif
