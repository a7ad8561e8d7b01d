/* The settings of a session, as command-line options of its backend. */
#ifndef TENANTD_DB_SESSION_H
#define TENANTD_DB_SESSION_H

#include "handle.h"

/* The server takes 10,000 bytes of a startup packet in all. */
enum { SESSION_OPTIONS_MAX = 8192 };

/* Our settings, then `operators` (the options of the connection string), then the times in `o`.
 * ERR_UNAVAILABLE when they are too long together: there must be no session without one of them. */
MUST_CHECK bool session_options(
	struct arena *a, const struct db_options *o, const char *operators, struct str *out, struct error *err);

#endif
