/*
 * The test cases of every route: what it is sent, and what it answers to which caller. tests/cases has one file for each
 * family of routes, and in it a line for each route and status of the tenant, with columns between bars:
 *
 *   METHOD PATH | body | tenant | nobody stranger removed rejected pending suspended member admin owner sysadmin key foreign
 *
 * The body is given in the first line of its route. The tenant column is a status, or `open` (onboarding or active),
 * `shut` (suspended or closed) or `any`. Then comes the result for each caller, whose token names the tenant: an HTTP
 * status, or one of the words that tests/http/test_http_verdicts.c explains. Two results with a slash between them are
 * those while the tenant is open and while it is shut.
 *
 * "nobody" has no token, "stranger" owns another tenant, "owner" is the only owner, and "sysadmin" is a system administrator,
 * who is in no tenant. "key" is an API key of the tenant with the role tenant_admin. "foreign" is the only owner of another
 * tenant, an active one, and their token names that: what a path or a body names by its id is of the first tenant.
 *
 * The tests of verdicts, of round trips and of forms, tests/smoke/areas and tests/source/run all read these lines.
 */
#ifndef TENANTD_TESTS_CASES_H
#define TENANTD_TESTS_CASES_H

#include "app/routes.h"

enum case_caller {
	NOBODY,
	STRANGER,
	REMOVED,
	REJECTED,
	PENDING,
	SUSPENDED,
	MEMBER,
	ADMIN,
	OWNER,
	SYSADMIN,
	KEY,
	FOREIGN,
	CALLERS
};

struct route_case {
	struct str family; /* the name of the file */
	struct str route; /* "GET /v1/tenant" */
	struct str tenant;
	struct str cells[CALLERS];
};

/* All cases. They are read once and live as long as the program. */
const struct route_case *cases(size_t *count);
/* The body that is sent to a route; NULL: none. */
const char *case_body(const struct route *route);
/* "GET /v1/tenant", in `a`. */
struct str case_name(struct arena *a, const struct route *route);

#endif
