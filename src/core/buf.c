/*
 * The growing buffer. Once an append would pass the limit, nothing more is added. Half an answer must
 * never be taken for a whole one, so callers ask buf_ok at the end.
 */
#include "core/buf.h"

#include "core/hex.h"

#include <stdarg.h>
#include <stdio.h>

enum { FIRST_ROOM = 512 };

void buf_init(struct buf *b, struct arena *a, size_t limit)
{
	*b = (struct buf){ .arena = a, .limit = limit };
}

void buf_over(struct buf *b, char *storage, size_t size)
{
	if (size == 0)
		BUG("a buffer over no bytes");
	storage[0] = '\0';
	*b = (struct buf){ .at = storage, .room = size, .limit = size - 1 };
}

/* Room for `more` bytes and the NUL; false when the limit forbids. */
static bool reserve(struct buf *b, size_t more)
{
	if (b->overflow)
		return false;
	if (more > b->limit - b->len) {
		b->overflow = true;
		return false;
	}
	if (b->len + more < b->room)
		return true;
	size_t room = b->room * 2 > FIRST_ROOM ? b->room * 2 : FIRST_ROOM;
	if (room <= b->len + more)
		room = b->len + more + 1;
	if (room > b->limit)
		room = b->limit + 1;
	b->at = arena_grow(b->arena, b->at, b->room, room);
	b->room = room;
	return true;
}

void buf_add(struct buf *b, struct str s)
{
	if (!reserve(b, s.len))
		return;
	memcpy(b->at + b->len, s.at, s.len);
	b->len += s.len;
	b->at[b->len] = '\0';
}

void buf_add_c(struct buf *b, const char *c)
{
	buf_add(b, str_c(c));
}

void buf_add_char(struct buf *b, char c)
{
	buf_add(b, (struct str){ &c, 1 });
}

void buf_add_int(struct buf *b, int64_t n)
{
	char room[STR_INT];
	buf_add(b, str_of_int(n, room));
}

void buf_add_item(struct buf *b, const char *separator, struct str item)
{
	if (b->len > 0)
		buf_add_c(b, separator);
	buf_add(b, item);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	if (!reserve(b, 0))
		return;
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	size_t free_bytes = b->room - b->len;
	int len = vsnprintf(b->at + b->len, free_bytes, fmt, args);
	if (len < 0)
		BUG("format '%s' failed", fmt);
	if ((size_t)len >= free_bytes) {
		b->at[b->len] = '\0';
		if (reserve(b, (size_t)len))
			vsnprintf(b->at + b->len, (size_t)len + 1, fmt, again);
	}
	if (!b->overflow)
		b->len += (size_t)len;
	va_end(again);
	va_end(args);
}

static void add_escape(struct buf *b, unsigned char c)
{
	switch (c) {
	case '"':
		buf_add(b, STR("\\\""));
		break;
	case '\\':
		buf_add(b, STR("\\\\"));
		break;
	case '\n':
		buf_add(b, STR("\\n"));
		break;
	case '\r':
		buf_add(b, STR("\\r"));
		break;
	case '\t':
		buf_add(b, STR("\\t"));
		break;
	default: {
		char text[6] = "\\u00";
		hex_into(text + 4, &c, 1);
		buf_add(b, (struct str){ text, sizeof(text) });
	}
	}
}

void buf_add_json(struct buf *b, struct str s)
{
	buf_add_char(b, '"');
	size_t from = 0, i = str_plain(s);
	while (i < s.len) {
		unsigned char c = (unsigned char)s.at[i];
		uint32_t point;
		size_t step = c < 0x80 ? 1 : str_utf8_next(str_skip(s, i), &point);
		if (step > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
			i += step;
			continue;
		}
		buf_add(b, (struct str){ s.at + from, i - from });
		if (step == 0)
			buf_add(b, STR("\xef\xbf\xbd"));
		else
			add_escape(b, c);
		from = ++i;
	}
	buf_add(b, str_skip(s, from));
	buf_add_char(b, '"');
}

bool buf_ok(const struct buf *b)
{
	return !b->overflow;
}

struct str buf_str(struct buf *b)
{
	return b->at ? (struct str){ b->at, b->len } : STR("");
}
