/*
 * Fuzzes the query part of the target. Each pair is UTF-8, has a name and no NUL, and is the same pair after it is
 * encoded and decoded again.
 */
#include "core/buf.h"
#include "http/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_encoded(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_printf(b, "%%%02x", (unsigned char)s.at[i]);
}

static void check_again(struct arena *a, const struct path *p)
{
	struct path again;
	struct str authority;
	struct error err = ERROR_INIT;
	struct buf b;
	buf_init(&b, a, LIMIT_URI);
	buf_add_c(&b, "/?");
	for (size_t i = 0; i < p->query_count; i++) {
		const struct query_pair *q = &p->query[i];
		if (str_is_empty(q->name) || str_find(q->name, '\0') < q->name.len ||
			str_find(q->value, '\0') < q->value.len || !str_is_utf8(q->name) || !str_is_utf8(q->value))
			BUG("a pair that should have been refused");
		add_encoded(&b, q->name);
		buf_add_char(&b, '=');
		add_encoded(&b, q->value);
		buf_add_char(&b, '&');
	}
	if (!buf_ok(&b))
		return; /* three bytes for one: too long to ask again */
	if (!path_parse(&again, a, buf_str(&b), &authority, &err) || again.query_count != p->query_count)
		BUG("an encoded query that is refused");
	for (size_t i = 0; i < p->query_count; i++)
		if (!str_eq(again.query[i].name, p->query[i].name) ||
			!str_eq(again.query[i].value, p->query[i].value))
			BUG("a pair that changed when encoded and decoded");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	struct path p;
	struct str authority;
	struct error err = ERROR_INIT;
	struct buf target;
	if (!arena)
		arena = arena_new(LIMIT_REQUEST_POOL);
	buf_init(&target, arena, LIMIT_URI);
	buf_add_c(&target, "/?");
	buf_add(&target, str_of((const char *)data, size));
	if (buf_ok(&target) && path_parse(&p, arena, buf_str(&target), &authority, &err))
		check_again(arena, &p);
	arena_reset(arena);
	return 0;
}
