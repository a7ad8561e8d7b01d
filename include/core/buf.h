/*
 * A growing byte buffer in an arena, with a limit given at birth: no buffer without a bound. Once an
 * append would pass the limit nothing more is added and buf_ok says false; callers look once, at the
 * end.
 */
#ifndef TENANTD_CORE_BUF_H
#define TENANTD_CORE_BUF_H

#include "core/arena.h"

struct buf {
	struct arena *arena;
	char *at;
	size_t len;
	size_t room;
	size_t limit;
	bool overflow;
};

void buf_init(struct buf *b, struct arena *a, size_t limit);
/* A buffer over the caller's `size` bytes, which never grows: its limit is size - 1. */
void buf_over(struct buf *b, char *storage, size_t size);
void buf_add(struct buf *b, struct str s);
void buf_add_c(struct buf *b, const char *c);
void buf_add_char(struct buf *b, char c);
void buf_add_int(struct buf *b, int64_t n);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
/* One more item of a list: `item`, with the separator before it unless the buffer is empty. */
void buf_add_item(struct buf *b, const char *separator, struct str item);
/* s as a JSON string with its quotes (RFC 8259); bytes that are not UTF-8 become U+FFFD. */
void buf_add_json(struct buf *b, struct str s);
bool buf_ok(const struct buf *b);
/* What was gathered; terminated by a NUL that len does not count. */
struct str buf_str(struct buf *b);

#endif
