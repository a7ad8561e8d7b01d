/*
 * The isolation gate (db/migrations/0008_gate.sql): before a worker serves, with the very role and connection
 * that will serve. Nothing of it stays: the transaction is rolled back.
 */
#ifndef TENANTD_REPO_GATE_H
#define TENANTD_REPO_GATE_H

#include "core/context.h"
#include "repo/tx.h"

struct gate_check {
	struct str object; /* "table tenantd.tenants", "role tenantd_app" */
	struct str attempt; /* what was looked at or tried */
	struct str finding; /* empty: the wall held */
};

struct gate_report {
	struct gate_check *checks;
	size_t count;
	size_t findings;
};

/* False when the gate could not be run at all (ERR_UNAVAILABLE, ERR_INTERNAL). True with findings > 0 when it
 * ran and something is open. */
MUST_CHECK bool gate_run(const struct tx_source *source, struct arena *a, enum env env,
	struct gate_report *report, struct error *err);

#endif
