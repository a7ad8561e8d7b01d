/* Running verbs, and what the resource engine builds. */
#include "repo/verb.h"

bool verb_run(const struct context *ctx, const struct verb *verb, const struct value *values, size_t count,
	struct rows *rows, struct error *err)
{
	const struct step step = {
		.statement = &verb->statement, .values = values, .count = count, .is_scoped = verb->is_scoped
	};
	if (!tx_run(ctx, &step, 1, rows, err))
		return false;
	if (verb->kind == VERB_LIST || rows->count > 0 || rows->affected > 0)
		return true;
	if (verb->missing == ERR_NONE)
		return error_set(err, ERR_NOT_FOUND, "there is no such object");
	return error_set(err, verb->missing, "%s", verb->missing_detail);
}

bool repo_all(
	const struct context *ctx, const struct step *steps, size_t count, struct rows *rows, struct error *err)
{
	return tx_run(ctx, steps, count, rows, err);
}
