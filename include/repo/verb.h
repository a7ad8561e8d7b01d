/*
 * A verb says what a route does in the database: one statement, and what its rows mean. The verbs of a family
 * are in one file of src/repo, and the row of a route names its verb.
 *
 * This is the only way to execute tenant-scoped SQL. The policy of a table guards it already; every scoped
 * statement names the tenant as well: its $1 and $2 are the context's tenant and env, which repo/tx fills in.
 * A test reads the source and checks each statement for that.
 */
#ifndef TENANTD_REPO_VERB_H
#define TENANTD_REPO_VERB_H

#include "repo/tx.h"

enum verb_kind {
	VERB_ONE, /* one row, whose first column is the answer as JSON */
	VERB_LIST, /* rows of a page: the JSON, then the two columns of the key (repo/page.h) */
	VERB_DONE, /* the answer is empty; there must be at least one row */
};

struct verb {
	struct statement statement;
	enum verb_kind kind;
	/* $1 and $2 are the context's tenant and env, and values begin at $3. A verb that is not scoped calls
	 * a function of the database, which takes the context from tenantd.context(). */
	bool is_scoped;
	/* The refusal of VERB_ONE and VERB_DONE when there is no row. ERR_NONE stands for ERR_NOT_FOUND with
	 * the detail "there is no such object". */
	enum error_code missing;
	const char *missing_detail;
	/* The detail of ERR_CONFLICT when a unique key of the table refused the values. NULL: it says none. */
	const char *taken_detail;
	/* The field of the answer that is a secret and shown once: what is kept for a repeat of the request is without it.
	 * NULL: there is none. */
	const char *secret;
};

/* How an answer is kept, so that a repeat of the request gets it again. */
struct remembered {
	struct str key; /* the caller's; empty: none */
	struct str request; /* everything that makes two requests the same */
	struct str visitor; /* who a visitor is; empty for anybody else */
};

/* Runs the verb in the request's one transaction. `remembered` may be NULL. When it has a key, that is
 * claimed first, and the answer is kept with it. When the key was used before, the rows are the answer
 * that was kept, with its first column alone; reading it takes one more transaction. ERR_CONFLICT when the
 * key was used for another request (T73). PostgreSQL must allow the statement of a verb that is remembered
 * inside WITH. */
MUST_CHECK bool verb_run(const struct context *ctx, const struct verb *verb, const struct value *values,
	size_t count, const struct remembered *remembered, struct rows *rows, struct error *err);

/* The step that claims the key, before the steps of the request. ERR_CONFLICT when the key was used
 * before. */
extern const struct statement remembered_claim;
enum { REMEMBERED_VALUES = 3 };
void remembered_values(struct arena *a, const struct remembered *m, struct value values[REMEMBERED_VALUES]);
/* Reads what was kept under the key, in a transaction of its own; *found says whether there is something.
 * The columns are body, affected, created, key, etag, null, and whether the request is the same.
 * ERR_CONFLICT when it is not. */
MUST_CHECK bool remembered_recall(
	const struct context *ctx, const struct remembered *m, struct rows *rows, bool *found, struct error *err);

/* Runs several statements at once, for a service that needs more than its rows (a count, a claim). With
 * none of them, only the guard is checked. */
MUST_CHECK bool repo_all(
	const struct context *ctx, const struct step *steps, size_t count, struct rows *rows, struct error *err);

#endif
