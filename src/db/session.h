/* The settings of a session, as command-line options of its backend. */
#ifndef TENANTD_DB_SESSION_H
#define TENANTD_DB_SESSION_H

#include "handle.h"

/* The server takes 10,000 bytes of a startup packet in all. */
enum { SESSION_OPTIONS_MAX = 8192 };

/* Ours, then `operators` (the options of the connection string), then the times of `o`. ERR_UNAVAILABLE when that is
 * too long: a session without one of them is not to be. */
MUST_CHECK bool session_options(
	struct arena *a, const struct db_options *o, const char *operators, struct str *out, struct error *err);

#endif
