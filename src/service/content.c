/*
 * Reading, storing and removing the bytes of a row. What is not there and what is another tenant's are told by the same
 * words.
 */
#include "service/content.h"

static bool is_none(struct error *err)
{
	return error_set(err, ERR_NOT_FOUND, "there is no such object, or it has no content");
}

/* The pieces in their order, as one. */
static bool join(struct arena *a, const struct rows *rows, struct str *bytes, struct error *err)
{
	size_t len = 0;
	for (size_t i = 0; i < rows->count; i++) {
		int64_t number;
		if (!str_to_int64(rows_value(rows, i, CONTENT_PIECE, NULL), &number) || (size_t)number != i)
			return error_log(err, ERR_INTERNAL, "the pieces of a content are out of order");
		len += rows_value(rows, i, CONTENT_BYTES, NULL).len;
	}
	*bytes = rows_value(rows, 0, CONTENT_BYTES, NULL);
	if (rows->count == 1)
		return true;
	char *at = arena_alloc(a, len);
	*bytes = str_of(at, len);
	for (size_t i = 0; i < rows->count; i++) {
		struct str piece = rows_value(rows, i, CONTENT_BYTES, NULL);
		memcpy(at, piece.at, piece.len);
		at += piece.len;
	}
	return true;
}

bool content_show(const struct context *ctx, const struct resource *r, struct str id, struct str known,
	struct content_answer *answer, struct error *err)
{
	struct rows rows;
	const struct built *built = build_content_get(ctx->arena, r, id, known);
	if (!resources_run(ctx, &built, 1, NULL, &rows, err))
		return false;
	if (rows.count == 0)
		return is_none(err);
	*answer = (struct content_answer){
		.type = rows_value(&rows, 0, CONTENT_TYPE, NULL),
		.sha256 = rows_value(&rows, 0, CONTENT_SHA256, NULL),
	};
	answer->is_known = str_eq(known, STR("{*}")) ||
		memmem(known.at, known.len, answer->sha256.at, answer->sha256.len) != NULL;
	return join(ctx->arena, &rows, &answer->bytes, err);
}

/* What the table of the bytes refused, without the database's words. */
static bool explain(struct error *err)
{
	struct str state = str_c(err->sqlstate);
	if (str_eq(state, STR("23503"))) /* its row went meanwhile */
		return is_none(err);
	if (str_eq(state, STR("23514")) || str_starts(state, STR("54")))
		return error_set(err, ERR_CONTENT_TOO_LARGE, "the content is larger or other than its table takes");
	return false;
}

static bool write(const struct context *ctx, const struct built *built, const struct content *c,
	struct rows *rows, struct error *err)
{
	if (!resources_run(ctx, &built, 1, NULL, rows, err))
		return explain(err);
	if (!str_eq(rows_value(rows, 0, CONTENT_AFFECTED, NULL), STR("0")))
		return true;
	bool is_there = str_eq(rows_value(rows, 0, CONTENT_THERE, NULL), STR("t"));
	bool is_asked = c->if_any || c->if_absent || !str_is_empty(c->if_match);
	if (is_there && is_asked)
		return error_set(err, ERR_PRECONDITION_FAILED, "the content is not as the condition says");
	return is_none(err);
}

bool content_put(const struct context *ctx, const struct resource *r, const struct content *c,
	struct content_answer *answer, struct error *err)
{
	struct rows rows;
	if (!write(ctx, build_content_put(ctx->arena, r, c), c, &rows, err))
		return false;
	*answer = (struct content_answer){
		.sha256 = rows_value(&rows, 0, CONTENT_DIGEST, NULL),
		.is_new = !str_eq(rows_value(&rows, 0, CONTENT_CREATED, NULL), STR("0")),
	};
	return true;
}

bool content_remove(
	const struct context *ctx, const struct resource *r, const struct content *c, struct error *err)
{
	struct rows rows;
	return write(ctx, build_content_remove(ctx->arena, r, c), c, &rows, err);
}
