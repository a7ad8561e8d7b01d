/* Reads the one accepted form of a UUID. Must never accept anything but its 36 characters. */
#include "core/uuid.h"

bool uuid_parse(struct str s, struct uuid *out)
{
	struct uuid u = { { 0 } };
	if (s.len != sizeof(u.text) - 1)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (!dash && c >= 'A' && c <= 'F')
			c = (char)(c | 0x20);
		if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		u.text[i] = c;
	}
	*out = u;
	return true;
}

bool uuid_is_set(const struct uuid *u)
{
	return u->text[0] != '\0';
}

bool uuid_eq(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->text, b->text, sizeof(a->text)) == 0;
}
