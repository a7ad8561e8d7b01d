/* What families of routes share in their answers: pages and links. */
#include "api/call.h"

#include "core/buf.h"
#include "core/limits.h"

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

/* Adds the request's own parameters as name=value&…, without cursor and offset. */
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
	/* The link is relative: it must not be built from the header Host, which the client chooses. */
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
