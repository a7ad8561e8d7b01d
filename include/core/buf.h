/*
 * A byte buffer that grows in an arena, up to a limit that is given when it is made. Once an append would
 * pass the limit, nothing more is added and buf_ok returns false; a caller needs to ask only once, at the
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
/* Adds one more item of a list, with the separator before it unless the buffer is empty. */
void buf_add_item(struct buf *b, const char *separator, struct str item);
/* Adds s as a JSON string with its quotes (RFC 8259); bytes that are not UTF-8 become U+FFFD. */
void buf_add_json(struct buf *b, struct str s);
bool buf_ok(const struct buf *b);
/* The content, terminated by a NUL that len does not count. */
struct str buf_str(struct buf *b);

#endif
