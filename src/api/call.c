/* What every family of routes shares: bodies, query parameters, pages. */
#include "api/call.h"

#include "core/buf.h"
#include "core/limits.h"

bool call_object(
	const struct context *ctx, const struct call *call, const struct json **object, struct error *err)
{
	if (!call->request->has_body || str_is_empty(call->request->body))
		return error_set(err, ERR_INVALID_REQUEST, "a JSON object is expected as the body");
	*object = json_parse(ctx->arena, call->request->body, err);
	if (!*object)
		return false;
	return json_kind(*object) == JSON_OBJECT ||
		error_set(err, ERR_INVALID_REQUEST, "a JSON object is expected as the body");
}

bool call_no_body(const struct context *ctx, const struct call *call, struct error *err)
{
	const struct json *object;
	if (str_is_empty(call->request->body))
		return true;
	if (!call_object(ctx, call, &object, err))
		return false;
	for (size_t i = 0; i < json_count(object); i++) {
		struct str name;
		json_at(object, i, &name);
		error_field(err, name, "cannot be set here");
	}
	return err->field_count == 0;
}

bool call_query(const struct call *call, const struct str *names, size_t count, struct error *err)
{
	const struct path *path = &call->request->path;
	for (size_t i = 0; i < path->query_count; i++) {
		bool known = false;
		for (size_t j = 0; j < count; j++)
			known = known || str_eq(path->query[i].name, names[j]);
		if (!known)
			error_field(err, path->query[i].name, "is not a parameter here");
		for (size_t j = 0; known && j < i; j++)
			if (str_eq(path->query[i].name, path->query[j].name))
				error_field(err, path->query[i].name, "is given twice");
	}
	return err->field_count == 0;
}

bool call_page(const struct context *ctx, const struct call *call, struct page *page, struct error *err)
{
	struct str limit, cursor;
	struct buf filters;
	const struct path *path = &call->request->path;
	*page = (struct page){ .limit = LIMIT_PAGE_DEFAULT, .after_key = { STR(""), STR("") } };
	buf_init(&filters, ctx->arena, LIMIT_URI * 2);
	for (size_t i = 0; i < path->query_count; i++) {
		const struct query_pair *q = &path->query[i];
		if (str_eq(q->name, STR("limit")) || str_eq(q->name, STR("cursor")))
			continue;
		buf_add_json(&filters, q->name);
		buf_add_json(&filters, q->value);
	}
	page->filters = buf_str(&filters);
	if (request_query(call->request, STR("limit"), &limit) &&
		(!str_to_int64(limit, &page->limit) || page->limit < 1 || page->limit > LIMIT_PAGE))
		return error_field(err, STR("limit"), "is not a number from 1 to %d", LIMIT_PAGE);
	return !request_query(call->request, STR("cursor"), &cursor) || page_resume(ctx, page, cursor, err);
}

void call_add_escaped(struct buf *b, struct str s)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
			c == '.' || c == '_' || c == '~';
		if (plain) {
			buf_add_char(b, (char)c);
		} else {
			buf_add_char(b, '%');
			buf_add_char(b, digits[c >> 4]);
			buf_add_char(b, digits[c & 15]);
		}
	}
}

/* name=value&… of the request's own parameters but for its place in the list. */
static void add_query(struct buf *b, const struct path *path)
{
	for (size_t i = 0; i < path->query_count; i++) {
		const struct query_pair *q = &path->query[i];
		if (str_eq(q->name, STR("cursor")) || str_eq(q->name, STR("offset")))
			continue;
		call_add_escaped(b, q->name);
		buf_add_char(b, '=');
		call_add_escaped(b, q->value);
		buf_add_char(b, '&');
	}
}

void call_link_next(const struct call *call, struct response *res, struct str name, struct str value)
{
	/* Relative: a link is never built from what Host says. */
	struct buf link;
	buf_init(&link, res->arena, LIMIT_URI * 4);
	buf_add_char(&link, '<');
	buf_add(&link, call->request->path.raw);
	buf_add_char(&link, '?');
	add_query(&link, &call->request->path);
	buf_add(&link, name);
	buf_add_char(&link, '=');
	call_add_escaped(&link, value);
	buf_add_c(&link, ">; rel=\"next\"");
	response_header(res, "Link", buf_str(&link));
}

void call_answer_page(const struct call *call, struct response *res, struct str array, struct str next)
{
	response_json(res, 200, array);
	if (!str_is_empty(next))
		call_link_next(call, res, STR("cursor"), next);
}
