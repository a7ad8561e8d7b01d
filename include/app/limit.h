/* What one request counts towards the limits of its route. */
#ifndef TENANTD_APP_LIMIT_H
#define TENANTD_APP_LIMIT_H

#include "api/route.h"
#include "app/server.h"

/* The buckets in which the request is counted, as tenantd.take_limits reads them; empty when the route has
 * no limit. The buckets are keyed digests, so that the database keeps nobody's address. */
struct str limits_of(const struct server *server, const struct call *call, const struct context *ctx);
/* A keyed digest of the client's address, in hex. A visitor is recognised by nothing else. */
struct str limit_visitor(const struct server *server, const struct call *call, const struct context *ctx);

#endif
