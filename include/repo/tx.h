/*
 * The one database transaction of a request. It begins with `tenantd.enter`, which carries the context and
 * the proof that this worker made it, and goes out with the handler's statements in one round trip. A
 * request runs at most one (a BUG otherwise); a retry after a serialization failure or deadlock repeats it
 * whole, at most twice.
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

/* One worker's: the connection, the key of the proof (32..64 bytes, kept by reference) and its id. */
struct tx_source {
	struct db *db;
	struct str context_key;
	uint8_t proof_key[SHA384_SIZE]; /* the digest of the key, with which proofs are made */
	char key_id[17]; /* terminated */
	int64_t
		write_ms; /* what a statement may take in a transaction that writes; 0: what the session begins with */
	int64_t stream_ms; /* what a statement may take whose rows go out as they come; 0: as any other */
};
void tx_source_init(struct tx_source *source, struct db *db, struct str context_key);

/* A transaction for this request, nothing sent yet; lives in ctx->arena, and ctx->tx is to point to it. */
struct tx *tx_new(struct arena *a, const struct tx_source *source);
/* True once it ran, with or without success: a second one is a BUG. */
bool tx_has_run(const struct tx *tx);
const struct entered *tx_entered(const struct tx *tx);
const struct tx_source *tx_source_of(const struct tx *tx);

/* Before it runs: everything is done and then rolled back, deferred constraints looked at as well. */
void tx_rehearse(struct tx *tx);
/* After one that was refused: makes room for a second, which reads what the first found taken. */
void tx_renew(struct tx *tx);

/* One statement of the transaction. When `is_scoped`, its $1 and $2 are the context's tenant and env, which
 * tx puts there, and `values` begin at $3: a tenant-scoped statement cannot be run without its tenant. */
struct step {
	const struct statement *statement;
	const struct value *values;
	size_t count;
	bool is_scoped;
	bool is_binary; /* its rows: pipeline_binary */
	struct row_taker taker; /* of its rows: pipeline_take; .take is NULL: they are kept */
	const struct byte_source
		*each; /* runs once for each piece: its values are the piece's number from 0, and the piece.
									   Not NULL: the transaction is not tried again */
};

/* Enters the context and runs the steps. Only repo/verb.c calls this. */
MUST_CHECK bool tx_run(
	const struct context *ctx, const struct step *steps, size_t count, struct rows *rows, struct error *err);

/* The audit row of a refusal, in a transaction of its own (the refused one is gone). False when it could not
 * be written; the caller logs that. */
MUST_CHECK bool tx_refuse(
	const struct context *ctx, const struct tx_source *source, enum error_code refusal, struct error *err);

#endif
