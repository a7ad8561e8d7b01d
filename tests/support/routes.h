/*
 * A target for each route of the table, for the tests that try all routes. It is assumed that app.things has an action
 * `act` and an action `act_on_all` on the collection, that TARGET is the id of a user, a row and an invitation, and that
 * TARGET_TENANT is a tenant whose slug is "target".
 */
#ifndef TENANTD_TESTS_ROUTES_H
#define TENANTD_TESTS_ROUTES_H

#include "app/routes.h"

#define TARGET "33333333-3333-4333-8333-333333333333"

#define TARGET_TENANT "11111111-1111-4111-8111-111111111111"
/* The id of TARGET as a user, and what the route is about: TARGET has asked to join when it is a request, and is an active
 * member otherwise; an invitation to the stranger, whose token the cases have. SQL, for after the members were made anew. */
const char *target_script(struct arena *a, const struct route *route);

/* The path of the route with a value for each parameter, and with the filter that some routes require. */
const char *route_target(struct arena *a, const struct route *route);

#endif
