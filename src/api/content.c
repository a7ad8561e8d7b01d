/*
 * /v1/data/{resource}/{id}/content: bytes as they are. Somebody uploaded them, and they may be anything. So
 * they are answered as a download, in a sandbox, and never as a type that a browser runs.
 */
#include "data_request.h"

#include "http/media_type.h"
#include "repo/tx.h"
#include "resource/value.h"
#include "service/content.h"

static const char plain_type[] = "application/octet-stream";
static const char hex[] = "0123456789abcdef";

/* Reads the resource and the row from the path; c->type is not set. */
static bool read_path(const struct context *ctx, const struct call *call, const struct resource **r,
	struct content *c, struct error *err)
{
	*r = catalog_find(ctx->catalog, call->params[0]);
	if (!*r || !(*r)->content)
		return error_set(err, ERR_NOT_FOUND, "there is no such resource, or it has no content");
	if (value_fault((*r)->key, call->params[1]))
		return error_set(err, ERR_NOT_FOUND, "there is no such object, or it has no content");
	c->id = call->params[1];
	return true;
}

/* Reads a position. One that is missing, or too large for a number, means the end. */
static int64_t number_or_end(struct str s)
{
	int64_t n;
	return str_to_int64(s, &n) ? n : INT64_MAX;
}

/* Reads "5-", "5-9", or "-5" for the last five bytes. */
static bool read_span(struct str span, struct content_ask *ask)
{
	struct str first, last = str_split(span, '-', &first);
	int64_t from = number_or_end(first), to = number_or_end(last);
	for (size_t i = 0; i < span.len; i++)
		if (i != first.len && (span.at[i] < '0' || span.at[i] > '9'))
			return false;
	if (first.len == span.len || span.len == 1 || (!str_is_empty(first) && to < from))
		return false;
	ask->is_range = true;
	ask->from = from;
	ask->upto = to < INT64_MAX ? to + 1 : to;
	if (str_is_empty(first)) {
		ask->from = to > 0 ? -to : INT64_MAX; /* the last 0 bytes cannot be sent */
		ask->upto = INT64_MAX;
	}
	return true;
}

/* RFC 9110, 14.2: reads one range of bytes. Several ranges, another unit and a malformed header are
 * ignored. */
static void read_range(const struct request *req, struct content_ask *ask)
{
	struct str unit, range = str_split(req->headers[HEADER_RANGE], '=', &unit);
	struct str condition = req->headers[HEADER_IF_RANGE];
	if (!str_eq_nocase(str_trim(unit), STR("bytes")) || !read_span(str_trim(range), ask))
		return;
	/* If-Range must be a strong tag of these bytes, else the range is ignored. A time does not count. */
	bool is_tag = condition.len > 2 && condition.at[0] == '"' && condition.at[condition.len - 1] == '"';
	if (is_tag)
		ask->range_of = str_of(condition.at + 1, condition.len - 2);
	else if (!str_is_empty(condition))
		ask->is_range = false;
}

static void add_content_range(struct response *res, const struct content_answer *answer)
{
	struct str range = answer->start < answer->stop
		? arena_printf(res->arena, "bytes %zu-%zu/%zu", answer->start, answer->stop - 1, answer->size)
		: arena_printf(res->arena, "bytes */%zu", answer->size);
	response_header(res, "Content-Range", range);
}

/* Writes the status and the headers, once it is known what the bytes are. */
static bool begin_show(void *who, const struct content_answer *answer, struct error *err)
{
	struct response *res = who;
	bool is_safe = media_type_is_well_formed(answer->type) && !media_type_is_active(answer->type);
	data_add_etag(res, answer->sha256);
	response_header(res, "Content-Disposition", STR("attachment"));
	response_header(res, "Content-Security-Policy", STR("sandbox; default-src 'none'"));
	response_header(res, "Accept-Ranges", STR("bytes"));
	response_empty(res, answer->is_known ? 304 : 200);
	if (answer->is_known)
		return true;
	if (answer->is_part) {
		add_content_range(res, answer);
		if (answer->start >= answer->stop)
			return error_set(err, ERR_RANGE_NOT_SATISFIABLE, "there are %zu bytes", answer->size);
		res->status = 206;
	}
	res->content_type = is_safe ? arena_cstr(res->arena, answer->type) : plain_type;
	return response_begin(res, answer->stop - answer->start, err);
}

static bool send_piece(void *who, struct str piece, struct error *err)
{
	struct response *res = who;
	return res->is_head || response_put(res, piece, err);
}

bool api_content_show(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	const struct resource *r;
	struct content c = { .id = STR("") };
	struct content_ask ask = { .range_of = STR("") };
	const struct content_taker taker = { begin_show, { send_piece, res } };
	struct str header = call->request->headers[HEADER_IF_NONE_MATCH];
	if (!read_path(ctx, call, &r, &c, err))
		return false;
	ask.id = c.id;
	ask.known = str_eq(header, STR("*")) ? STR("{*}") : data_etags(ctx->arena, &header, true, hex);
	ask.is_head = res->is_head;
	if (!ask.is_head)
		read_range(call->request, &ask);
	return content_show(ctx, r, &ask, &taker, err);
}

static bool read_conditions(const struct context *ctx, const struct call *call, struct content *c,
	struct prefer *prefer, struct error *err)
{
	const struct str *headers = call->request->headers;
	c->if_absent = str_eq(headers[HEADER_IF_NONE_MATCH], STR("*"));
	if (!data_if_match(ctx->arena, headers[HEADER_IF_MATCH], hex, &c->if_match, &c->if_any, err) ||
		!prefer_parse(prefer, ctx->arena, headers[HEADER_PREFER], PREFERS_TX, err))
		return false;
	if (prefer->is_rehearsal)
		tx_rehearse(ctx->tx);
	return true;
}

bool api_content_put(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	const struct resource *r;
	struct prefer prefer;
	struct content_answer answer;
	struct content c = {
		.bytes = call->request->body,
		.stream = call->request->stream,
		.type = call->request->headers[HEADER_CONTENT_TYPE],
	};
	if (!str_is_empty(call->request->headers[HEADER_CONTENT_RANGE]))
		return error_field(err, STR("Content-Range"), "bytes are replaced as a whole");
	if (!read_path(ctx, call, &r, &c, err) || !read_conditions(ctx, call, &c, &prefer, err))
		return false;
	if (!media_type_is_well_formed(c.type))
		c.type = str_c(plain_type);
	if (!content_put(ctx, r, &c, &answer, err))
		return false;
	response_empty(res, answer.is_new ? 201 : 204);
	data_add_etag(res, answer.sha256);
	data_add_applied(res, &prefer);
	return true;
}

bool api_content_remove(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	const struct resource *r;
	struct prefer prefer;
	struct content c = { .bytes = STR("") };
	if (!read_path(ctx, call, &r, &c, err) || !read_conditions(ctx, call, &c, &prefer, err) ||
		!content_remove(ctx, r, &c, err))
		return false;
	response_empty(res, 204);
	data_add_applied(res, &prefer);
	return true;
}
