/*
 * The setting of the tests of rows, which are several programs so that they can run side by side: app.things, a table
 * with columns of common types, and for each test two tenants that have no rows in it yet. A program registers whatever
 * else it needs.
 */
#ifndef TENANTD_TESTS_DATA_WORLD_H
#define TENANTD_TESTS_DATA_WORLD_H

#include "support/http.h"
#include "support/people.h"
#include "support/stack.h"
#include "support/unit.h"

#define THINGS "/v1/data/things"
#define NOBODYS "99999999-9999-4999-8999-999999999999"
#define ONE "Accept: application/vnd.pgrst.object+json"
#define COUNT "Prefer: count=exact"

/* Those of the test that runs. */
extern struct two_tenants w;
void begin(void);

/* As the owner of the first tenant. */
struct http_reply get(const char *target);
struct http_reply post(const char *target, const char *body);
/* Creates a thing and answers its id. */
const char *made(const char *body);
/* True when the texts of this column are these, row by row with commas between; prints what they are when not. */
bool rows_are(const struct http_reply *r, const char *column, const char *wanted);
/* How many things a tenant has. */
int64_t in_database(const char *tenant);

/* Starts the stack and registers app.things and what `more` does, as the owner of the schema, in one transaction. */
void data_up(const char *more);

#endif
