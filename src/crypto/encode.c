/*
 * Base64url. The decoder is strict so that every token has exactly one spelling. A second spelling would give
 * the same identity another digest and another log line. It must never accept what base64url_encode would not have
 * written.
 */
#include "crypto/digest.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct str base64url_encode(struct arena *a, const void *in, size_t len)
{
	if (len > SIZE_MAX / 2)
		BUG("%zu bytes to encode", len);
	const uint8_t *from = in;
	char *out = arena_alloc(a, len / 3 * 4 + 5);
	size_t n = 0;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t bits = (uint32_t)from[i] << 16;
		if (left > 1)
			bits |= (uint32_t)from[i + 1] << 8;
		if (left > 2)
			bits |= from[i + 2];
		out[n++] = alphabet[bits >> 18];
		out[n++] = alphabet[bits >> 12 & 63];
		if (left > 1)
			out[n++] = alphabet[bits >> 6 & 63];
		if (left > 2)
			out[n++] = alphabet[bits & 63];
	}
	return str_of(out, n);
}

/* The value of each character plus one. Characters that the table does not list have 0, which means that they are not
 * in the alphabet. */
static const uint8_t sextets[256] = {
	// clang-format off
	['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8,
	['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
	['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
	['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
	['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
	['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
	['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
	['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64,
	// clang-format on
};

/* Decodes the last two or three characters into one or two bytes. The bits that are left over must be zero. */
static bool decode_tail(const uint8_t *from, size_t left, uint8_t *to)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < left; i++) {
		if (sextets[from[i]] == 0)
			return false;
		bits = bits << 6 | (uint32_t)(sextets[from[i]] - 1);
	}
	if (left == 2) {
		to[0] = (uint8_t)(bits >> 4);
		return (bits & 15) == 0;
	}
	to[0] = (uint8_t)(bits >> 10);
	to[1] = (uint8_t)(bits >> 2);
	return (bits & 3) == 0;
}

bool base64url_decode(struct str in, void *out, size_t room, size_t *len)
{
	const uint8_t *from = (const uint8_t *)in.at;
	uint8_t *to = out;
	size_t left = in.len % 4;
	size_t need = in.len / 4 * 3 + (left > 0 ? left - 1 : 0);
	if (left == 1 || need > room)
		return false;
	for (size_t i = 0; i + 4 <= in.len; i += 4) {
		uint8_t s0 = sextets[from[i]], s1 = sextets[from[i + 1]];
		uint8_t s2 = sextets[from[i + 2]], s3 = sextets[from[i + 3]];
		if (s0 == 0 || s1 == 0 || s2 == 0 || s3 == 0)
			return false;
		uint32_t bits = (uint32_t)(s0 - 1) << 18 | (uint32_t)(s1 - 1) << 12 | (uint32_t)(s2 - 1) << 6 |
			(uint32_t)(s3 - 1);
		*to++ = (uint8_t)(bits >> 16);
		*to++ = (uint8_t)(bits >> 8);
		*to++ = (uint8_t)bits;
	}
	if (left > 0 && !decode_tail(from + in.len - left, left, to))
		return false;
	*len = need;
	return true;
}
