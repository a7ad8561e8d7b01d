/* The base repository: list, get, create, update, delete for the context's tenant, and nothing else. */
#include "repo/base.h"

static bool run(const struct context *ctx, const struct statement *s, const struct value *values,
	size_t count, struct rows *rows, struct error *err)
{
	const struct step step = { .statement = s, .values = values, .count = count, .is_scoped = true };
	return tx_run(ctx, &step, 1, rows, err);
}

bool repo_list(const struct context *ctx, const struct statement *s, const struct value *values, size_t count,
	struct rows *rows, struct error *err)
{
	return run(ctx, s, values, count, rows, err);
}

bool repo_get(const struct context *ctx, const struct statement *s, const struct value *values, size_t count,
	struct rows *rows, struct error *err)
{
	if (!run(ctx, s, values, count, rows, err))
		return false;
	return rows->count == 1 || error_set(err, ERR_NOT_FOUND, "there is no such object");
}

bool repo_create(const struct context *ctx, const struct statement *s, const struct value *values,
	size_t count, struct rows *rows, struct error *err)
{
	if (!run(ctx, s, values, count, rows, err))
		return false;
	return rows->count == 1 ||
		error_log(err, ERR_INTERNAL, "statement \"%s\" created %zu rows", s->name, rows->count);
}

bool repo_update(const struct context *ctx, const struct statement *s, const struct value *values,
	size_t count, struct rows *rows, struct error *err)
{
	return repo_get(ctx, s, values, count, rows, err);
}

bool repo_delete(const struct context *ctx, const struct statement *s, const struct value *values,
	size_t count, struct error *err)
{
	struct rows rows;
	if (!run(ctx, s, values, count, &rows, err))
		return false;
	return rows.affected > 0 || error_set(err, ERR_NOT_FOUND, "there is no such object");
}

bool repo_all(
	const struct context *ctx, struct step *steps, size_t count, struct rows *rows, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		steps[i].is_scoped = true;
	return tx_run(ctx, steps, count, rows, err);
}
