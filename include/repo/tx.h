/*
 * The one database transaction of a request. It begins with `tenantd.enter`, which is given the context and
 * the proof that a worker made it, and is sent with the handler's statements in one round trip. A request
 * runs at most one (a second one is a BUG). After a serialization failure or a deadlock all of it is
 * repeated, at most twice.
 */
#ifndef TENANTD_REPO_TX_H
#define TENANTD_REPO_TX_H

#include "core/context.h"
#include "core/stream.h"
#include "crypto/digest.h"
#include "db/pipeline.h"

/* What the database said when the context was entered; empty before and after a refusal. For the log. */
struct entered {
	struct str tenant_id, user_id, role, tenant_status;
};

/* What a worker needs for its transactions: the connection, and the key for the proofs with its id. */
struct tx_source {
	struct db *db;
	struct str context_key; /* 32 to 64 bytes, kept by reference */
	uint8_t proof_key[SHA384_SIZE]; /* the digest of the context key; proofs are made with it */
	char key_id[17]; /* terminated */
	int64_t write_ms; /* the statement_timeout of a transaction that writes; 0: the session's */
	int64_t stream_ms; /* the statement_timeout when rows are sent on as they arrive; 0: as for any other */
};
void tx_source_init(struct tx_source *source, struct db *db, struct str context_key);

/* Makes the transaction of a request in its arena; nothing is sent yet. The caller makes ctx->tx point to
 * it. */
struct tx *tx_new(struct arena *a, const struct tx_source *source);
/* True once it ran, with or without success: a second one is a BUG. */
bool tx_has_run(const struct tx *tx);
/* True once a transaction of it was committed: what the request takes of its limits is counted then, and is not again. */
bool tx_has_counted(const struct tx *tx);
const struct entered *tx_entered(const struct tx *tx);
const struct tx_source *tx_source_of(const struct tx *tx);

/* To be called before it runs: everything is done, deferred constraints are checked, and all is rolled
 * back. */
void tx_rehearse(struct tx *tx);
/* To be called after a refused transaction: allows a second one, which reads the row that the first
 * conflicted with. */
void tx_renew(struct tx *tx);

/* One statement of the transaction. When `is_scoped`, tx fills its $1 and $2 with the context's tenant and
 * env, and `values` begin at $3. So a tenant-scoped statement cannot run without its tenant. */
struct step {
	const struct statement *statement;
	const struct value *values;
	size_t count;
	bool is_scoped;
	bool is_binary; /* its rows come in binary form: see pipeline_binary */
	struct row_taker taker; /* takes its rows: see pipeline_take; when .take is NULL, they are kept */
	/* When not NULL, the statement runs once for each piece of this. Its values are then the number of the
	 * piece, from 0, and the piece; and the transaction is not repeated after a failure. */
	const struct byte_source *each;
};

/* Enters the context and runs the steps. Only repo/verb.c calls this. */
MUST_CHECK bool tx_run(
	const struct context *ctx, const struct step *steps, size_t count, struct rows *rows, struct error *err);

/* Enters the context of a visitor and leaves it again: the database answers, and takes the proofs of this worker. Else
 * ERR_UNAVAILABLE or ERR_CONTEXT_REFUSED. */
MUST_CHECK bool tx_prove(const struct tx_source *source, struct arena *a, enum env env, struct error *err);

/* Writes the audit row of a refusal, in a transaction of its own, since the refused one was rolled back.
 * False when the row could not be written; the caller logs that. */
MUST_CHECK bool tx_refuse(
	const struct context *ctx, const struct tx_source *source, enum error_code refusal, struct error *err);

#endif
