/*
 * Runs the statements that the resource room builds, and reads the rows of its catalog. The text of such a
 * statement holds no value. It names the tenant by $1 and $2, as every scoped statement does, and runs
 * through repo/verb.
 */
#ifndef TENANTD_REPO_RESOURCES_H
#define TENANTD_REPO_RESOURCES_H

#include "repo/verb.h"

/* The catalog as rows; their columns are in db/functions/catalog.sql. */
struct catalog_rows {
	struct rows resources, columns, constraints, actions;
};

/* Runs outside any request: the catalog holds no rows of a tenant. */
MUST_CHECK bool resources_read(struct db *db, struct arena *a, struct catalog_rows *rows, struct error *err);
/* Sweeps a session (db_sweep) and listens for changes of the registered resources (db_notified). */
MUST_CHECK bool resources_sweep(struct db *db, struct error *err);

enum { BUILT_PARAMS = STATEMENT_PARAMS - 2 };

/* A statement of the resource room. values begin at $3. */
struct built {
	struct str sql;
	struct value values[BUILT_PARAMS];
	size_t count;
	bool is_common; /* one of the few shapes that every client uses: it always stays prepared */
	bool runs_foreign; /* code that is not ours runs in it: the session is swept afterwards (db_soil) */
	bool is_binary; /* its rows come in binary form, with only bytea and text */
	bool is_selective; /* how many rows it finds depends on the values: it is planned each time */
	struct row_taker taker; /* takes its rows as they arrive; when .take is NULL, they are kept */
	const struct byte_source *each; /* it runs once for each piece: see struct step */
};

/* Runs the statements in the request's one transaction. When remembered->key is set, it claims the key first:
 * ERR_CONFLICT when the key was used before; remembered_recall then says by which request. */
MUST_CHECK bool resources_run(const struct context *ctx, const struct built *const *built, size_t count,
	const struct remembered *remembered, struct rows *rows, struct error *err);
/* Runs no statement: the database only checks the guard. */
MUST_CHECK bool resources_guard(const struct context *ctx, struct error *err);

#endif
