/*
 * Says in the log when the web server is not configured as it must be, as far as requests show it. It changes no answer.
 *
 *   web_server.no_credentials      many were told that they need a token, and no request ever came with Authorization or a
 *                                  cookie: it keeps them to itself
 *   web_server.look_alikes         headers with other characters than letters, digits and dashes in their names come through,
 *                                  so that X_Tenant_ID is taken for X-Tenant-ID
 *   web_server.missing_parameter   a FastCGI parameter is missing that every request has
 *   web_server.below_a_path        it serves tenantd below a path, while tenantd's routes begin at the root: many requests look so,
 *                                  and none was for a route
 *
 * Each is said once by all workers together, and again after the next reload.
 */
#ifndef TENANTD_APP_WEB_SERVER_H
#define TENANTD_APP_WEB_SERVER_H

#include "app/routes.h"
#include <stdatomic.h>

enum { WEB_SERVER_MANY = 20 }; /* requests, where one may be a client's own doing */

/* What was seen so far; all workers share it. All zero: nothing. */
struct web_server_seen {
	_Atomic unsigned said; /* a bit for each event */
	_Atomic unsigned without; /* requests that were told that they need a token */
	_Atomic unsigned below; /* requests for a route that seems to be below a path */
	_Atomic bool has_route; /* a request for a route */
	_Atomic bool has_come; /* Authorization or a cookie */
};

/* Forgets what was seen, so that it is said again. */
static inline void web_server_forget(struct web_server_seen *seen)
{
	atomic_store(&seen->said, 0);
	atomic_store(&seen->without, 0);
	atomic_store(&seen->below, 0);
	atomic_store(&seen->has_route, false);
	atomic_store(&seen->has_come, false);
}
/* Looks at one request and how it ended. `route` is NULL when it has none. */
void web_server_look(
	struct web_server_seen *seen, const struct request *req, const struct route *route, enum error_code code);

#endif
