/* What the tests of the resource room share. */
#ifndef TENANTD_TESTS_RESOURCE_ROOM_H
#define TENANTD_TESTS_RESOURCE_ROOM_H

#include "resource/build.h"
#include "support/resource.h"
#include "support/unit.h"

/* The parameters that a list takes. */
enum { LIST = TAKES_SELECT | TAKES_FILTERS | TAKES_PAGE | TAKES_ORDER };
/* A key of a row, which is a UUID. */
#define KEY "7e8deba4-7ac8-4032-8f3c-1a34b58351c5"

extern struct arena *arena;
extern struct error error; /* the error of the last call */

/* Parses a query such as "a=eq.1&order=b" without decoding it. The result lives until the next call. */
bool parse(const char *text, int takes);
extern struct query query;
/* True when the last call was refused and the refusal names `field`. */
bool is_named(const char *field);
/* True when it is refused and the refusal names `field`. Otherwise prints it. */
bool refuses(const char *text, int takes, const char *field);
/* A text with `head`, then an item a number of times with commas between, then `tail`. */
const char *repeated(const char *head, const char *item, int times, const char *tail);
bool has(struct str text, const char *part);

extern const struct unit_test query_tests[], prefer_tests[], value_tests[], input_tests[], build_tests[];
extern const size_t query_test_count, prefer_test_count, value_test_count, input_test_count, build_test_count;

#endif
