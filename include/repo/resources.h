/*
 * Execution of what the resource room builds, and the rows of its catalog. A built statement has no value in its
 * text, names the tenant by $1 and $2 as every scoped statement does, and runs through repo/verb.
 */
#ifndef TENANTD_REPO_RESOURCES_H
#define TENANTD_REPO_RESOURCES_H

#include "repo/verb.h"

/* The catalog as rows; db/functions/catalog.sql has their columns. */
struct catalog_rows {
	struct rows resources, columns, constraints, actions;
};

/* Outside of any request: the catalog holds no tenant's rows. */
MUST_CHECK bool resources_read(struct db *db, struct arena *a, struct catalog_rows *rows, struct error *err);
/* Sweeps a session (db_sweep) and asks to be told of registrations (db_notified). */
MUST_CHECK bool resources_sweep(struct db *db, struct error *err);

enum { BUILT_PARAMS = STATEMENT_PARAMS - 2 };

/* A statement of the resource room. values begin at $3. */
struct built {
	struct str sql;
	struct value values[BUILT_PARAMS];
	size_t count;
	bool is_common; /* one of the few shapes that every client uses: always kept prepared */
	bool runs_foreign; /* code that is not ours runs in it: the session is swept after (db_soil) */
	bool is_binary; /* its rows: bytea and text alone */
	bool is_selective; /* how many rows it finds depends on the values: planned for them, each time */
	struct row_taker taker; /* of its rows, as they come; .take is NULL: they are kept */
	const struct byte_source *each; /* it runs for each piece: struct step */
};

/* Runs the statements in the request's one transaction. With remembered->key set, it claims the key first:
 * ERR_CONFLICT when it was used before, and then remembered_recall says by which request. */
MUST_CHECK bool resources_run(const struct context *ctx, const struct built *const *built, size_t count,
	const struct remembered *remembered, struct rows *rows, struct error *err);
/* Nothing but the guard. */
MUST_CHECK bool resources_guard(const struct context *ctx, struct error *err);

#endif
