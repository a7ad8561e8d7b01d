/* Reading the header Idempotency-Key. */
#include "api/remember.h"

#include "core/limits.h"

enum { KEY_MAX = 255, REQUEST_ROOM = LIMIT_URI * 2 + LIMIT_HEADER_VALUE * 2 + 256 };

/* Adds a part with its length before it, so that two different lists of parts never make the same text. */
static void add_part(struct buf *b, struct str part)
{
	buf_printf(b, "%zu:", part.len);
	buf_add(b, part);
}

bool remember_read(
	const struct context *ctx, const struct call *call, struct remembered *m, struct error *err)
{
	struct buf b;
	const struct request *req = call->request;
	struct str key = req->headers[HEADER_IDEMPOTENCY_KEY];
	*m = (struct remembered){ .key = key, .request = STR(""), .visitor = ctx->visitor };
	if (str_is_empty(key))
		return true;
	for (size_t i = 0; i < key.len; i++)
		if (key.at[i] <= 0x20 || key.at[i] > 0x7e)
			return error_field(err, STR("Idempotency-Key"), "has characters other than visible ASCII");
	if (key.len > KEY_MAX)
		return error_field(err, STR("Idempotency-Key"), "is longer than %d characters", KEY_MAX);
	buf_init(&b, ctx->arena, req->body.len + REQUEST_ROOM);
	add_part(&b, req->method_text);
	add_part(&b, req->path.raw);
	add_part(&b, req->path.query_raw);
	add_part(&b, req->headers[HEADER_PREFER]);
	add_part(&b, req->headers[HEADER_ACCEPT]);
	add_part(&b, req->body);
	if (!buf_ok(&b))
		BUG("a request with more than %d bytes beside its body", REQUEST_ROOM);
	m->request = buf_str(&b);
	return true;
}
