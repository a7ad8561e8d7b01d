/* Runs verbs, and the statements that the resource engine builds. */
#include "repo/verb.h"

#include "core/buf.h"
#include "crypto/digest.h"

#include <stdio.h>
#include <stdlib.h>

bool repo_all(
	const struct context *ctx, const struct step *steps, size_t count, struct rows *rows, struct error *err)
{
	return tx_run(ctx, steps, count, rows, err);
}

/* ---- answers that are remembered ---- */

const struct statement remembered_claim = {
	"idempotency_claim",
	"SELECT tenantd.idempotency_claim($1, $2, $3)",
};

static const struct statement recall = {
	"idempotency_recall",
	"SELECT r.body, r.affected, r.created, r.row_key, r.etag, NULL, r.is_same FROM tenantd.idempotency_recall($1, $2, $3) r",
};

static const struct statement check = {
	"idempotency_demand",
	"SELECT tenantd.idempotency_demand($1, $2)",
};

void remembered_values(struct arena *a, const struct remembered *m, struct value values[REMEMBERED_VALUES])
{
	uint8_t digest[SHA256_SIZE];
	digest_sha256(m->request, digest);
	values[0] = VALUE(m->key);
	values[1] = VALUE(hex_encode(a, digest, sizeof(digest)));
	values[2] = value_or_null(m->visitor);
}

bool remembered_recall(
	const struct context *ctx, const struct remembered *m, struct rows *rows, bool *found, struct error *err)
{
	struct value values[REMEMBERED_VALUES];
	const struct step step = { .statement = &recall, .values = values, .count = COUNT_OF(values) };
	remembered_values(ctx->arena, m, values);
	tx_renew(ctx->tx);
	if (!tx_run(ctx, &step, 1, rows, err))
		return false;
	*found = rows->count == 1;
	return !*found || str_eq(rows_value(rows, 0, 6, NULL), STR("t")) ||
		error_set(err, ERR_CONFLICT, "the Idempotency-Key was used for another request");
}

/* The verb's statement, wrapped so that its answer is kept. It is made once for each verb, because a
 * prepared statement is recognised by its address. */
static const struct statement *keeping(const struct verb *verb, size_t count)
{
	enum { MOST = 128 };
	static struct {
		const struct verb *verb;
		struct statement statement;
		char name[64];
	} made[MOST];
	size_t i = 0;
	while (i < MOST && made[i].verb && made[i].verb != verb)
		i++;
	if (i == MOST)
		BUG("more than %d verbs are remembered", MOST);
	if (made[i].verb)
		return &made[i].statement;
	size_t room = strlen(verb->statement.sql) + 256;
	char *sql = malloc(room);
	if (!sql)
		out_of_memory();
	char kept[96] = "a.answer::text";
	if (verb->secret)
		snprintf(kept, sizeof(kept), "(a.answer::jsonb - '%s')::text", verb->secret);
	snprintf(sql, room,
		"WITH answered AS (%s) SELECT a.*, tenantd.idempotency_keep($%zu, %s, 1, 0, NULL, NULL, $%zu)"
		" FROM answered a (answer)",
		verb->statement.sql, count + 1, kept, count + 2);
	snprintf(made[i].name, sizeof(made[i].name), "%s_kept", verb->statement.name);
	made[i].statement = (struct statement){ made[i].name, sql };
	made[i].verb = verb;
	return &made[i].statement;
}

static bool run_remembered(const struct context *ctx, const struct verb *verb, const struct value *values,
	size_t count, const struct remembered *m, struct rows *rows, struct error *err)
{
	struct value claimed[REMEMBERED_VALUES], all[STATEMENT_PARAMS], kept[2];
	struct rows results[3];
	bool found;
	size_t scope = verb->is_scoped ? 2 : 0;
	remembered_values(ctx->arena, m, claimed);
	kept[0] = claimed[0];
	kept[1] = claimed[2];
	for (size_t i = 0; i < count; i++)
		all[i] = values[i];
	all[count] = claimed[0];
	all[count + 1] = claimed[2];
	const struct step steps[] = {
		{ .statement = &remembered_claim, .values = claimed, .count = COUNT_OF(claimed) },
		{ .statement = keeping(verb, count + scope),
			.values = all,
			.count = count + 2,
			.is_scoped = verb->is_scoped },
		/* When the verb found no row, nothing was kept, and the key must not stay claimed. */
		{ .statement = &check, .values = kept, .count = COUNT_OF(kept) },
	};
	if (tx_run(ctx, steps, COUNT_OF(steps), results, err)) {
		*rows = results[1];
		return true;
	}
	if (err->code != ERR_CONFLICT)
		return false;
	struct error recalling = ERROR_INIT;
	if (!remembered_recall(ctx, m, rows, &found, &recalling))
		*err = recalling;
	else if (found)
		*err = (struct error)ERROR_INIT;
	return err->code == ERR_NONE;
}

/* ---- verbs ---- */

static bool refuse_missing(const struct verb *verb, struct error *err)
{
	if (verb->missing == ERR_NONE)
		return error_set(err, ERR_NOT_FOUND, "there is no such object");
	return error_set(err, verb->missing, "%s", verb->missing_detail);
}

bool verb_run(const struct context *ctx, const struct verb *verb, const struct value *values, size_t count,
	const struct remembered *remembered, struct rows *rows, struct error *err)
{
	if (remembered && !str_is_empty(remembered->key)) {
		if (run_remembered(ctx, verb, values, count, remembered, rows, err))
			return true;
		return err->code == ERR_NOT_FOUND && !err->detail[0] && refuse_missing(verb, err);
	}
	const struct step step = {
		.statement = &verb->statement, .values = values, .count = count, .is_scoped = verb->is_scoped
	};
	if (!tx_run(ctx, &step, 1, rows, err)) {
		bool is_taken = err->code == ERR_CONFLICT && !err->detail[0] && verb->taken_detail;
		return is_taken ? error_set(err, ERR_CONFLICT, "%s", verb->taken_detail) : false;
	}
	return verb->kind == VERB_LIST || rows->count > 0 || rows->affected > 0 || refuse_missing(verb, err);
}
