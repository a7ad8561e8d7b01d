/*
 * struct str is bytes with a length, and all text from the socket to libpq is kept so. It is not terminated
 * unless a function says so, and never owns its bytes (an arena, a literal or the request does). `at` is
 * never NULL: the empty string is STR("").
 */
#ifndef TENANTD_CORE_STR_H
#define TENANTD_CORE_STR_H

#include "core/base.h"
#include <string.h>

struct str {
	const char *at;
	size_t len;
};

#define STR(literal) ((struct str){ "" literal "", sizeof(literal) - 1 })
/* for printf's "%.*s" */
#define STR_ARG(s) (int)(s).len, (s).at

static inline struct str str_of(const char *at, size_t len)
{
	return (struct str){ at ? at : "", at ? len : 0 };
}

/* A terminated C string as a str; NULL becomes the empty string. */
static inline struct str str_c(const char *c)
{
	return str_of(c, c ? strlen(c) : 0);
}

static inline bool str_is_empty(struct str s)
{
	return s.len == 0;
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* ASCII only, independent of the locale. */
bool str_eq_nocase(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Index of the first `c`, or s.len when there is none. */
size_t str_find(struct str s, char c);
/* s without its first `n` bytes (all of them when n > len). */
struct str str_skip(struct str s, size_t n);
/* s without ASCII space, tab, CR, LF at both ends. */
struct str str_trim(struct str s);
/* Splits at the first `sep`: *head is what stands before it, the result what follows. Without a
 * `sep` *head is all of s and the result empty. Walk a list: while (!str_is_empty(rest)). */
struct str str_split(struct str s, char sep, struct str *head);
/* True when s is all decimal digits and fits: *out is its value. No sign, no space, 1..19 digits. */
MUST_CHECK bool str_to_int64(struct str s, int64_t *out);
/* The decimal digits of n, written into `room`. */
enum { STR_INT = sizeof("-9223372036854775808") - 1 };
struct str str_of_int(int64_t n, char room[STR_INT]);
/* True when s is well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, at most U+10FFFF). */
bool str_is_utf8(struct str s);
/* The bytes of the well-formed UTF-8 sequence that s begins with, 0 when there is none; *point is the
 * code point. */
size_t str_utf8_next(struct str s, uint32_t *point);
/* How many bytes at the start of s are printable ASCII other than '"' and '\\'. It looks at eight bytes at a
 * time, so that a writer of JSON skips quickly what it need not escape. */
size_t str_plain(struct str s);
/* True when s holds a byte below 0x20 or 0x7f. */
bool str_has_control(struct str s);

#endif
