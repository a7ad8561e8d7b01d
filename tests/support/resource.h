/* A resource with a column of every kind that is made without a database, for unit tests. */
#ifndef TENANTD_TESTS_RESOURCE_H
#define TENANTD_TESTS_RESOURCE_H

#include "resource/catalog.h"

/* app.things: id uuid; tenant_id, env; n int4, small int2, big int8, amount numeric, ratio float8, half float4, name
 * varchar(5), body text, is_done boolean, at timestamptz, local timestamp, day date, hour time, state enum ('new',
 * 'old, and "quoted"'), doc jsonb, raw bytea, tags text[], "Odd name" text; version and created_at, read-only. name is NOT
 * NULL without a default, n NOT NULL with one; (name, body) is unique. */
const struct resource *test_resource(void);
/* The same resource, but its rows belong to users, members may create rows, and only admins may read them. */
const struct resource *test_resource_of_users(void);

#endif
