/* The limits of a route's row, for one request. */
#ifndef TENANTD_APP_LIMIT_H
#define TENANTD_APP_LIMIT_H

#include "api/route.h"
#include "app/server.h"

/* What the request takes of its route's limits, as tenantd.take_limits reads it; empty when there is no limit. The buckets
 * are keyed digests: what the database keeps tells nobody's address. */
struct str limits_of(const struct server *server, const struct call *call, const struct context *ctx);
/* A keyed digest of the client's address, in hex: who a visitor is, as far as that can be said. */
struct str limit_visitor(const struct server *server, const struct call *call, const struct context *ctx);

#endif
