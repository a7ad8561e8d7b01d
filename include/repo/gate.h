/*
 * The isolation gate (db/functions/gate.sql, gate_attempts.sql). It runs before a worker serves and again
 * while it serves, with the same role and connection that serve. Nothing of it stays, because the transaction
 * is rolled back. Code of the application may run in it, so that the session must be swept afterwards
 * (db_soil).
 */
#ifndef TENANTD_REPO_GATE_H
#define TENANTD_REPO_GATE_H

#include "core/context.h"
#include "repo/tx.h"

/* The version of what the workers and the database agree on: tenantd.interface() of
 * db/functions/context.sql. When the database has another number, the gate cannot run, and nothing is
 * served. */
enum { TENANTD_INTERFACE = 1 };

/* What a finding stops. */
enum gate_stops {
	STOPS_NOTHING, /* something is not as it should be, but no wall is open */
	STOPS_RESOURCE, /* one table cannot be checked now, and nothing is served from it */
	STOPS_SERVICE /* a wall is open, or it could not be checked */
};

struct gate_check {
	struct str object; /* "table tenantd.tenants", "role tenantd_app" */
	struct str attempt; /* what was looked at or tried */
	struct str finding; /* empty: the wall held */
	/* The SQL that mends it. Where only a person can tell what is right, it is words that begin in lower
	 * case. */
	struct str mend;
	struct str mend_as; /* the role that may run it, or "superuser" */
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

/* A number that changes whenever something changes that the gate looks at; never 0. It costs much less
 * than the gate. */
MUST_CHECK bool gate_mark(struct db *db, struct arena *a, uint64_t *mark, struct error *err);

/* True when SQL can mend the finding. */
bool gate_is_mendable(const struct gate_check *c);

/* Mends those findings that the workers' role may mend itself: settings that somebody made for that role.
 * Returns how many it mended, and logs each attempt. */
size_t gate_mend_own(struct db *db, struct arena *a, const struct gate_report *report);

#endif
