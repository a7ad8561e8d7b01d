/*
 * A target for each route of the table, for the tests that try all routes. It is assumed that app.things has an action
 * `act` and an action `act_on_all` on the collection, and that TARGET is the id of both a user and a row.
 */
#ifndef TENANTD_TESTS_ROUTES_H
#define TENANTD_TESTS_ROUTES_H

#include "app/routes.h"

#define TARGET "33333333-3333-4333-8333-333333333333"

/* The path of the route with a value for each parameter, and with the filter that some routes require. */
const char *route_target(struct arena *a, const struct route *route);

#endif
