/*
 * Verbs: what a route does in the database, as one statement and what its rows mean. The verbs of a family stand in one
 * file of src/repo; a route's row names its verb.
 *
 * This is the only way to execute tenant-scoped SQL. Every scoped statement names the tenant beside the policy that guards
 * the table: its $1 and $2 are the context's tenant and env, which repo/tx puts there. A test over the source holds
 * each statement to it.
 */
#ifndef TENANTD_REPO_VERB_H
#define TENANTD_REPO_VERB_H

#include "repo/tx.h"

enum verb_kind {
	VERB_ONE, /* one row, whose first column is the answer as JSON */
	VERB_LIST, /* rows of a page: the JSON, then the two columns of the key (repo/page.h) */
	VERB_DONE, /* nothing is answered; at least one row was written or read */
};

struct verb {
	struct statement statement;
	enum verb_kind kind;
	/* $1 and $2 are the context's tenant and env, and values begin at $3. A verb that is not scoped calls a function
	 * that takes the context from its seal. */
	bool is_scoped;
	/* What VERB_ONE and VERB_DONE refuse when there is no row. ERR_NONE: ERR_NOT_FOUND, "there is no such object". */
	enum error_code missing;
	const char *missing_detail;
};

/* An answer that is kept for a repeat of its request. */
struct remembered {
	struct str key; /* the caller's; empty: none */
	struct str request; /* everything that makes two requests the same */
	struct str visitor; /* who a visitor is; empty for anybody else */
};

/* Runs it in the request's one transaction. With remembered->key (remembered may be NULL) the key is claimed before and the
 * answer kept with it; when the key was used before, the rows are the answer that was kept, the first column alone, and that
 * takes a transaction more. ERR_CONFLICT when it was used for another request (T73). The statement of a verb that is remembered
 * must be one that can stand in WITH. */
MUST_CHECK bool verb_run(const struct context *ctx, const struct verb *verb, const struct value *values,
	size_t count, const struct remembered *remembered, struct rows *rows, struct error *err);

/* Claims the key, as a step before what it is for; its values say what it is known by. ERR_CONFLICT when it was used. */
extern const struct statement remembered_claim;
enum { REMEMBERED_VALUES = 3 };
void remembered_values(struct arena *a, const struct remembered *m, struct value values[REMEMBERED_VALUES]);
/* What was kept under the key (body, affected, created, key, etag, null, is the same), in a transaction of its own; *found says
 * whether there is one. ERR_CONFLICT when it was kept for another request. */
MUST_CHECK bool remembered_recall(
	const struct context *ctx, const struct remembered *m, struct rows *rows, bool *found, struct error *err);

/* Several statements at once: what a service needs beside its rows (a count, a claim). None: the guard alone is checked. */
MUST_CHECK bool repo_all(
	const struct context *ctx, const struct step *steps, size_t count, struct rows *rows, struct error *err);

#endif
