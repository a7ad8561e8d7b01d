/*
 * The handler of every route that has a verb and nothing special about it. It runs the verb with what the forms took
 * and answers what the database said. The values of the verb's statement are, in this order:
 *
 *   each parameter of the path; each field of the query, null when it was not given; the body, checked, as one JSON
 *   object when the route has a body's form.
 *
 * A list in pages (PAGE_FIELDS) gets three values in place of `limit` and `cursor`: how many rows to read, which is one more
 * than are shown, and the two parts of the key behind which they begin, null on the first page.
 */
#ifndef TENANTD_API_RELAY_H
#define TENANTD_API_RELAY_H

#include "api/route.h"

handler relay;

/* The n-th parameter of a path's template without its braces; empty when there are not so many. */
struct str route_parameter(const struct route *route, size_t n);

#endif
