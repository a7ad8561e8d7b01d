/*
 * /v1/data/{resource}/{id}/content: bytes as they are. They are somebody's upload and may be anything: so they are
 * answered as something to save, in a sandbox, and never as a type that a browser runs.
 */
#include "data_request.h"

#include "api/handlers.h"
#include "http/media_type.h"
#include "repo/tx.h"
#include "resource/value.h"
#include "service/content.h"

static const char plain_type[] = "application/octet-stream";
static const char hex[] = "0123456789abcdef";

/* The resource and the row of the path; c->type is left alone. */
static bool read_path(const struct context *ctx, const struct call *call, const struct resource **r,
	struct content *c, struct error *err)
{
	*r = catalog_find(ctx->catalog, call->params[0]);
	if (!*r || !(*r)->content)
		return error_set(err, ERR_NOT_FOUND, "there is no such resource, or it has no content");
	if (value_fault((*r)->key, call->params[1]))
		return error_set(err, ERR_NOT_FOUND, "there is no such object, or it has no content");
	c->id = call->params[1];
	return call_query(call, NULL, 0, err);
}

static void add_etag(struct response *res, struct str sha256)
{
	response_header(res, "ETag", arena_printf(res->arena, "\"%.*s\"", STR_ARG(sha256)));
}

bool api_content_show(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	const struct resource *r;
	struct content c = { .id = STR("") };
	struct content_answer answer;
	struct str header = call->request->headers[HEADER_IF_NONE_MATCH];
	if (!read_path(ctx, call, &r, &c, err))
		return false;
	struct str known = str_eq(header, STR("*")) ? STR("{*}") : data_etags(ctx->arena, &header, true, hex);
	if (!content_show(ctx, r, c.id, known, &answer, err))
		return false;
	bool is_safe = media_type_is_well_formed(answer.type) && !media_type_is_active(answer.type);
	add_etag(res, answer.sha256);
	response_header(res, "Content-Disposition", STR("attachment"));
	response_header(res, "Content-Security-Policy", STR("sandbox; default-src 'none'"));
	response_empty(res, answer.is_known ? 304 : 200);
	if (answer.is_known)
		return true;
	res->content_type = is_safe ? arena_cstr(res->arena, answer.type) : plain_type;
	res->body = answer.bytes;
	return true;
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

static void add_applied(struct response *res, const struct prefer *prefer)
{
	if (!str_is_empty(prefer->applied))
		response_header(res, "Preference-Applied", prefer->applied);
}

bool api_content_put(
	const struct context *ctx, const struct call *call, struct response *res, struct error *err)
{
	const struct resource *r;
	struct prefer prefer;
	struct content_answer answer;
	struct content c = { .bytes = call->request->body, .type = call->request->headers[HEADER_CONTENT_TYPE] };
	if (!read_path(ctx, call, &r, &c, err) || !read_conditions(ctx, call, &c, &prefer, err))
		return false;
	if (!media_type_is_well_formed(c.type))
		c.type = str_c(plain_type);
	if (!content_put(ctx, r, &c, &answer, err))
		return false;
	response_empty(res, answer.is_new ? 201 : 204);
	add_etag(res, answer.sha256);
	add_applied(res, &prefer);
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
	add_applied(res, &prefer);
	return true;
}
