/*
 * Compares, cuts and reads strings: numbers, UTF-8. Only ASCII rules are used, so that no locale changes a
 * result. Must never allocate and never read past len.
 */
#include "core/str.h"

#include <endian.h>

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower((unsigned char)a.at[i]) != lower((unsigned char)b.at[i]))
			return false;
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && memcmp(s.at, prefix.at, prefix.len) == 0;
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && memcmp(s.at + s.len - suffix.len, suffix.at, suffix.len) == 0;
}

size_t str_find(struct str s, char c)
{
	const char *hit = memchr(s.at, c, s.len);
	return hit ? (size_t)(hit - s.at) : s.len;
}

struct str str_skip(struct str s, size_t n)
{
	if (n > s.len)
		n = s.len;
	return (struct str){ s.at + n, s.len - n };
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.len > 0 && is_space(s.at[0]))
		s = str_skip(s, 1);
	while (s.len > 0 && is_space(s.at[s.len - 1]))
		s.len--;
	return s;
}

struct str str_split(struct str s, char sep, struct str *head)
{
	size_t at = str_find(s, sep);
	*head = (struct str){ s.at, at };
	return str_skip(s, at + 1);
}

struct str str_of_int(int64_t n, char room[STR_INT])
{
	size_t at = STR_INT;
	uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;
	do {
		room[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (n < 0)
		room[--at] = '-';
	return str_of(room + at, STR_INT - at);
}

bool str_to_int64(struct str s, int64_t *out)
{
	if (s.len == 0 || s.len > 19)
		return false;
	uint64_t value = 0; /* 19 digits stay below 2^64 */
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(s.at[i] - '0');
	}
	if (value > INT64_MAX)
		return false;
	*out = (int64_t)value;
	return true;
}

size_t str_utf8_next(struct str s, uint32_t *point)
{
	const unsigned char *at = (const unsigned char *)s.at;
	if (s.len == 0)
		return 0;
	if (at[0] < 0x80) {
		*point = at[0];
		return 1;
	}
	size_t len;
	uint32_t value, least;
	if (at[0] >= 0xc2 && at[0] < 0xe0) {
		len = 2, value = at[0] & 0x1fU, least = 0x80;
	} else if (at[0] >= 0xe0 && at[0] < 0xf0) {
		len = 3, value = at[0] & 0x0fU, least = 0x800;
	} else if (at[0] >= 0xf0 && at[0] < 0xf5) {
		len = 4, value = at[0] & 0x07U, least = 0x10000;
	} else {
		return 0;
	}
	if (s.len < len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (at[i] & 0x3fU);
	}
	if (value < least || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*point = value;
	return len;
}

bool str_is_utf8(struct str s)
{
	while (s.len > 0) {
		uint64_t eight;
		if (s.len >= sizeof(eight)) {
			memcpy(&eight, s.at, sizeof(eight));
			if ((eight & 0x8080808080808080U) == 0) {
				s = str_skip(s, sizeof(eight));
				continue;
			}
		}
		uint32_t point;
		size_t step = str_utf8_next(s, &point);
		if (step == 0)
			return false;
		s = str_skip(s, step);
	}
	return true;
}

/* Eight bytes in one word, with the first one lowest. Bytes after the end count as zero. */
static uint64_t word_at(struct str s, size_t at)
{
	uint64_t x = 0;
	if (s.len - at >= sizeof(x))
		memcpy(&x, s.at + at, sizeof(x));
	else
		memcpy(&x, s.at + at, s.len - at);
	return le64toh(x);
}

size_t str_plain(struct str s)
{
	const uint64_t ones = 0x0101010101010101U, tops = 0x8080808080808080U;
	for (size_t i = 0; i < s.len; i += sizeof(uint64_t)) {
		uint64_t x = word_at(s, i);
		uint64_t quote = x ^ (ones * '"'), slash = x ^ (ones * '\\'), del = x ^ (ones * 0x7f);
		/* A byte gets its top bit set when it has one already or is less than what is subtracted from it. A
		 * borrow makes only the bytes above that one wrong. */
		uint64_t odd = (x | (x - ones * 0x20) | (quote - ones) | (slash - ones) | (del - ones)) & tops;
		if (odd != 0)
			return i + (size_t)__builtin_ctzll(odd) / 8;
	}
	return s.len;
}

bool str_has_control(struct str s)
{
	for (size_t i = str_plain(s); i < s.len; i++)
		if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7f)
			return true;
	return false;
}
