/* Reads the rows of resources. */
#include "service/data.h"

#include "repo/page.h"
#include "resource/value.h"

/* True when row `last` and the row after it have the same keys, which is possible in a view. A cursor cannot tell the two
 * apart, so a page that began after the keys of `last` would skip the other one. */
static bool is_tied(const struct query *q, const struct rows *rows, size_t last)
{
	bool is_tied = q->resource->is_view;
	for (size_t i = 0; i < q->order_count && is_tied; i++) {
		bool was_null, is_null;
		struct str was = rows_value(rows, last, 1 + i, &was_null);
		struct str is = rows_value(rows, last + 1, 1 + i, &is_null);
		is_tied = was_null == is_null && str_eq(was, is);
	}
	return is_tied;
}

/* Values of some types can be checked only by the database. Its own message is not shown to the caller. */
static bool explain(struct error *err)
{
	if (err->code == ERR_INVALID_REQUEST && str_starts(str_c(err->sqlstate), STR("22")) &&
		err->field_count == 0)
		error_set(err, ERR_INVALID_REQUEST, "a value does not fit the type of its column");
	return false;
}

/* Says where the next page begins, after row `last`: by a cursor, or by an offset when the keys are too long for a cursor
 * or do not tell the next row apart. */
static void find_next(const struct context *ctx, const struct query *q, const struct rows *rows, size_t last,
	struct data_answer *answer)
{
	struct keyset k = { .position = answer->position + last + 1, .count = q->order_count };
	struct str keys;
	for (size_t i = 0; i < q->order_count; i++) {
		bool is_null;
		struct str text = rows_value(rows, last, 1 + i, &is_null);
		k.values[i] = is_null ? VALUE_NULL : VALUE(text);
	}
	if (!is_tied(q, rows, last) && keyset_pack(&k, ctx->arena, &keys))
		answer->cursor = page_seal(ctx, q->binding, keys);
	else
		answer->next_offset = k.position;
}

static bool resume(const struct context *ctx, const struct query *q, struct keyset *k, struct error *err)
{
	struct str keys;
	return page_open(ctx, q->binding, q->cursor, &keys, err) &&
		(keyset_unpack(k, q, keys) || error_field(err, STR("cursor"), "is not a cursor of this list"));
}

/* When the workers lack the right to read something, the caller is not at fault: a view was changed and not registered
 * again. So the error is an internal one. */
static bool run(const struct context *ctx, const struct built *const *built, size_t count, struct rows *rows,
	struct error *err)
{
	if (resources_run(ctx, built, count, NULL, rows, err))
		return true;
	if (str_eq(str_c(err->sqlstate), STR("42501")))
		err->code = ERR_INTERNAL;
	return false;
}

bool data_list(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err)
{
	struct keyset behind;
	struct rows rows[2];
	const struct query *q = &r->query;
	bool has_cursor = !str_is_empty(q->cursor);
	if (has_cursor && !resume(ctx, q, &behind, err))
		return false;
	const struct built *const built[] = {
		build_list(ctx->arena, q, has_cursor ? &behind : NULL),
		r->prefer.counts_exactly ? build_count(ctx->arena, q) : NULL,
	};
	if (!run(ctx, built, r->prefer.counts_exactly ? 2 : 1, rows, err))
		return filter_explain(q, err) || explain(err);

	size_t shown = rows[0].count > (size_t)q->limit ? (size_t)q->limit : rows[0].count;
	*answer = (struct data_answer){
		.json = page_array(ctx->arena, &rows[0], shown),
		.has_json = true,
		.count = shown,
		.position = has_cursor ? behind.position : (size_t)q->offset,
		.total = -1,
		.cursor = STR(""),
		.key = STR(""),
		.etag = STR(""),
	};
	if (r->prefer.counts_exactly && !str_to_int64(rows_value(&rows[1], 0, 0, NULL), &answer->total))
		BUG("a count is not a number");
	if (shown > 0 && rows[0].count > shown)
		find_next(ctx, q, &rows[0], shown - 1, answer);
	return true;
}

bool data_show(
	const struct context *ctx, const struct data_request *r, struct data_answer *answer, struct error *err)
{
	struct rows rows;
	const struct built *built = build_get(ctx->arena, &r->query, r->write.id);
	if (!run(ctx, &built, 1, &rows, err))
		return explain(err);
	if (rows.count == 0)
		return error_set(err, ERR_NOT_FOUND, "there is no such object");
	if (rows.count > 1)
		return error_set(err, ERR_NOT_ACCEPTABLE, "several rows have this %.*s: ask for them by a filter",
			STR_ARG(r->resource->key->name));
	*answer = (struct data_answer){
		.json = rows_value(&rows, 0, 0, NULL),
		.has_json = true,
		.count = 1,
		.total = -1,
		.etag = rows_value(&rows, 0, 1, NULL),
		.key = r->write.id,
		.cursor = STR(""),
	};
	return true;
}

bool data_resources(const struct context *ctx, struct str *json, struct error *err)
{
	if (!resources_guard(ctx, err))
		return false;
	*json = ctx->catalog->json;
	return true;
}
