/*
 * The base repository: the only code that executes tenant-scoped SQL. Every statement names the tenant
 * beside the policy that guards the table: its $1 and $2 are the context's tenant and env, put there by
 * repo/tx.h; the values given here begin at $3. A test over the source holds each statement to it.
 *
 * One call per request: these run the request's one transaction.
 */
#ifndef TENANTD_REPO_BASE_H
#define TENANTD_REPO_BASE_H

#include "repo/tx.h"

/* Rows, in the order of the statement. */
MUST_CHECK bool repo_list(const struct context *ctx, const struct statement *s, const struct value *values,
	size_t count, struct rows *rows, struct error *err);
/* Exactly one row, else ERR_NOT_FOUND. */
MUST_CHECK bool repo_get(const struct context *ctx, const struct statement *s, const struct value *values,
	size_t count, struct rows *rows, struct error *err);
/* The row created, as its RETURNING says. */
MUST_CHECK bool repo_create(const struct context *ctx, const struct statement *s, const struct value *values,
	size_t count, struct rows *rows, struct error *err);
/* The row as it is now, else ERR_NOT_FOUND. */
MUST_CHECK bool repo_update(const struct context *ctx, const struct statement *s, const struct value *values,
	size_t count, struct rows *rows, struct error *err);
/* ERR_NOT_FOUND when nothing was deleted. */
MUST_CHECK bool repo_delete(const struct context *ctx, const struct statement *s, const struct value *values,
	size_t count, struct error *err);

/* Several at once, each scoped: what a service needs beside its rows (a count, a claim). None: the guard alone. */
MUST_CHECK bool repo_all(
	const struct context *ctx, struct step *steps, size_t count, struct rows *rows, struct error *err);

#endif
