/*
 * What the tests that try every route need beside the table: a target that stands for each, in a world where app.things
 * has an action `act`, one `act_on_all` on the collection, and TARGET is a user and the id of a row.
 */
#ifndef TENANTD_TESTS_ROUTES_H
#define TENANTD_TESTS_ROUTES_H

#include "app/routes.h"

#define TARGET "33333333-3333-4333-8333-333333333333"

/* The route's path with something in place of each parameter, and the filter that some must have. */
const char *route_target(struct arena *a, const struct route *route);

#endif
