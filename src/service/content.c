/*
 * Reads, stores and removes the content of a row. The refusal is the same whether a row does not exist or belongs to
 * another tenant.
 */
#include "service/content.h"

static bool is_none(struct error *err)
{
	return error_set(err, ERR_NOT_FOUND, "there is no such object, or it has no content");
}

/* The state of a download. */
struct passage {
	const struct content_taker *taker;
	bool has_begun;
	size_t at; /* where the next piece has to begin */
};

static bool number_in(const struct rows *row, size_t column, size_t *out)
{
	int64_t n;
	bool ok = str_to_int64(rows_value(row, 0, column, NULL), &n) && n >= 0;
	*out = ok ? (size_t)n : 0;
	return ok;
}

static bool begin(struct passage *p, const struct rows *row, struct error *err)
{
	struct content_answer answer = {
		.type = rows_value(row, 0, CONTENT_TYPE, NULL),
		.sha256 = rows_value(row, 0, CONTENT_SHA256, NULL),
		.is_part = str_eq(rows_value(row, 0, CONTENT_PART, NULL), STR("true")),
		.is_known = str_eq(rows_value(row, 0, CONTENT_KNOWN, NULL), STR("true")),
	};
	if (!number_in(row, CONTENT_SIZE, &answer.size) || !number_in(row, CONTENT_START, &answer.start) ||
		!number_in(row, CONTENT_STOP, &answer.stop))
		return error_log(err, ERR_INTERNAL, "a content came without its length");
	p->has_begun = true;
	p->at = answer.start;
	return p->taker->begin(p->taker->bytes.to, &answer, err);
}

static bool take_piece(void *who, const struct rows *row, struct error *err)
{
	struct passage *p = who;
	struct str piece = rows_value(row, 0, CONTENT_BYTES, NULL);
	size_t start;
	if (!p->has_begun && !begin(p, row, err))
		return false;
	if (!number_in(row, CONTENT_START, &start) || start != p->at)
		return error_log(err, ERR_INTERNAL, "the pieces of a content are out of order");
	p->at += piece.len;
	return str_is_empty(piece) || p->taker->bytes.put(p->taker->bytes.to, piece, err);
}

bool content_show(const struct context *ctx, const struct resource *r, const struct content_ask *ask,
	const struct content_taker *taker, struct error *err)
{
	struct rows none;
	struct passage p = { .taker = taker };
	const struct built *built = build_content_get(ctx->arena, r, ask, (struct row_taker){ take_piece, &p });
	if (!resources_run(ctx, &built, 1, NULL, &none, err))
		return false;
	return p.has_begun || is_none(err);
}

/* Explains why the table of the contents refused, without the message of the database. */
static bool explain(struct error *err)
{
	struct str state = str_c(err->sqlstate);
	if (str_eq(state, STR("23503"))) /* the row has been deleted in the meantime */
		return is_none(err);
	if (str_eq(state, STR("23514")) || str_starts(state, STR("54")))
		return error_set(err, ERR_CONTENT_TOO_LARGE,
			"the table does not accept the content: it may be too large or of another kind");
	return false;
}

/* Runs a write and gives its one row. The pieces of a stream are stored first. */
static bool write(const struct context *ctx, const struct resource *r, const struct built *built,
	const struct content *c, struct rows *row, struct error *err)
{
	struct rows rows[2];
	const struct built *both[] = { built, built };
	size_t last = c->stream ? 1 : 0;
	if (c->stream)
		both[0] = build_content_piece(ctx->arena, r, c);
	if (!resources_run(ctx, both, last + 1, NULL, rows, err))
		return explain(err);
	*row = rows[last];
	if (!str_eq(rows_value(row, 0, CONTENT_AFFECTED, NULL), STR("0")))
		return true;
	bool is_there = str_eq(rows_value(row, 0, CONTENT_THERE, NULL), STR("t"));
	bool is_asked = c->if_any || c->if_absent || !str_is_empty(c->if_match);
	if (is_there && is_asked)
		return error_set(err, ERR_PRECONDITION_FAILED, "the content does not meet the condition");
	return is_none(err);
}

bool content_put(const struct context *ctx, const struct resource *r, const struct content *c,
	struct content_answer *answer, struct error *err)
{
	struct rows row;
	if (!write(ctx, r, build_content_put(ctx->arena, r, c), c, &row, err))
		return false;
	*answer = (struct content_answer){
		.sha256 = rows_value(&row, 0, CONTENT_DIGEST, NULL),
		.is_new = !str_eq(rows_value(&row, 0, CONTENT_CREATED, NULL), STR("0")),
	};
	return true;
}

bool content_remove(
	const struct context *ctx, const struct resource *r, const struct content *c, struct error *err)
{
	struct rows row;
	return write(ctx, r, build_content_remove(ctx->arena, r, c), c, &row, err);
}
