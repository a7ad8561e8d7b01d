/*
 * The handler of every route that has a verb. It runs the verb with the values that the forms read, and
 * answers what the database returned. The values of the verb's statement are, in this order: each parameter
 * of the path; each field of the query, which is null when it was not given; and, when the route has a form
 * for the body, the checked body as one JSON object.
 *
 * A list in pages (PAGE_FIELDS) gets three values in place of `limit` and `cursor`: how many rows to read,
 * which is one more than are shown, and the two parts of the key after which they begin, which are null on
 * the first page.
 *
 * A route that makes something and says so (struct route has its location) is answered with Location.
 */
#ifndef TENANTD_API_RELAY_H
#define TENANTD_API_RELAY_H

#include "api/route.h"

handler relay;
/* Says where what a route made is: its Location, with the fields of the answer in it. A route without one says
 * nothing. */
void relay_locate(const struct route *route, struct str answer, struct response *res);

/* The n-th parameter of a path's template without its braces; empty when there are not so many. */
struct str route_parameter(const struct route *route, size_t n);

#endif
