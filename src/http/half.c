/* Incomplete requests: what was read moves from the arena of the worker's current request into an arena of its own. */
#include "half.h"

enum { POOL = 1024 };

struct half *half_new(const struct fcgi_reader *r, const struct fcgi_head *head, const struct half_body *body)
{
	struct arena *a = arena_new(POOL);
	struct half *h = ARENA_NEW(a, struct half);
	*h = (struct half){ .arena = a, .reader = *r, .head = *head, .body = *body };
	h->size = sizeof(*h) + LIMIT_PARAMS + body->len;
	if (r->stage == FCGI_HAS_BEGUN) {
		buf_init(&h->reader.params, a, LIMIT_PARAMS);
		buf_add(&h->reader.params, str_of(r->params.at, r->params.len));
		h->reader.params.overflow = r->params.overflow;
	}
	if (r->stage == FCGI_HAS_HEAD)
		h->head.params = arena_str(a, head->params);
	if (body->len > 0) {
		h->body.at = arena_alloc(a, body->len);
		memcpy(h->body.at, body->at, body->got);
	}
	return h;
}

void half_free(struct half *h)
{
	if (!h)
		return;
	struct arena *a = h->arena;
	arena_reset(a);
	arena_free(a);
}
