/* Hexadecimal digits. Must never write anything but lower case: digests and ids are compared as text. */
#include "core/hex.h"

void hex_into(char *to, const void *in, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *from = in;
	for (size_t i = 0; i < len; i++) {
		to[2 * i] = digits[from[i] >> 4];
		to[2 * i + 1] = digits[from[i] & 15];
	}
}

struct str hex_encode(struct arena *a, const void *in, size_t len)
{
	if (len > SIZE_MAX / 2 - 1)
		BUG("%zu bytes to encode", len);
	char *out = arena_alloc(a, 2 * len + 1);
	hex_into(out, in, len);
	return str_of(out, 2 * len);
}

bool hex_decode(struct str text, void *out, size_t len)
{
	uint8_t *to = out;
	if (text.len % 2 != 0 || text.len / 2 != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_value(text.at[2 * i]), low = hex_value(text.at[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
