/*
 * The isolation gate (db/functions/gate.sql, gate_attempts.sql): before a worker serves and while it does, with the very
 * role and connection that serves. Nothing of it stays: the transaction is rolled back. Code of the application may run in it,
 * so that the session is to be swept after (db_soil).
 */
#ifndef TENANTD_REPO_GATE_H
#define TENANTD_REPO_GATE_H

#include "core/context.h"
#include "repo/tx.h"

/* What the workers and the database agree on: tenantd.interface() of db/functions/context.sql. With another number there the
 * gate cannot be run, and nothing is served. */
enum { TENANTD_INTERFACE = 1 };

/* What a finding stops. */
enum gate_stops {
	STOPS_NOTHING, /* no wall is open, but something is not as it should be */
	STOPS_RESOURCE, /* one table cannot be looked at now, and nothing is served from it */
	STOPS_SERVICE /* a wall is open, or cannot be seen */
};

struct gate_check {
	struct str object; /* "table tenantd.tenants", "role tenantd_app" */
	struct str attempt; /* what was looked at or tried */
	struct str finding; /* empty: the wall held */
	struct str
		mend; /* the SQL that mends it; or words, which begin in lower case, where only a person can tell what is right */
	struct str mend_as; /* the role that may run that; "superuser" */
	enum gate_stops stops;
};

struct gate_report {
	struct gate_check *checks;
	size_t count;
	size_t findings; /* all of them */
	size_t open; /* those that stop the service */
};

/* "nothing", "resource", "service". */
const char *gate_stops_name(enum gate_stops stops);

/* False when the gate could not be run at all (ERR_UNAVAILABLE, ERR_INTERNAL). True with findings > 0 when it
 * ran and something is not as it should be. */
MUST_CHECK bool gate_run(const struct tx_source *source, struct arena *a, enum env env,
	struct gate_report *report, struct error *err);

/* A number that changes when anything does that the gate looks at; never 0. Cheap beside the gate. */
MUST_CHECK bool gate_mark(struct db *db, struct arena *a, uint64_t *mark, struct error *err);

/* True of a finding that SQL mends. */
bool gate_is_mendable(const struct gate_check *c);

/* Runs what mends findings and the workers' role may run itself: what somebody set for that role. How many it mended; what
 * it could not is logged. */
size_t gate_mend_own(struct db *db, struct arena *a, const struct gate_report *report);

#endif
