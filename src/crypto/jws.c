/* Takes a JWS apart. What the parts say is for its readers to judge. */
#include "key.h"

static bool decode_part(struct arena *a, struct str part, struct str *out)
{
	if (str_is_empty(part))
		return false;
	size_t len = 0;
	char *bytes = arena_alloc(a, part.len);
	if (!base64url_decode(part, bytes, part.len, &len))
		return false;
	*out = str_of(bytes, len);
	return true;
}

/* Splits at the first two dots. A third dot would be in the signature, where base64url_decode refuses it. */
bool jws_split(struct arena *a, struct str compact, struct jws *out)
{
	size_t first = str_find(compact, '.');
	if (first == compact.len)
		return false;
	struct str rest = str_skip(compact, first + 1);
	size_t second = str_find(rest, '.');
	if (second == rest.len)
		return false;
	out->input = str_of(compact.at, first + 1 + second);
	return decode_part(a, str_of(compact.at, first), &out->header) &&
		decode_part(a, str_of(rest.at, second), &out->payload) &&
		decode_part(a, str_skip(rest, second + 1), &out->signature);
}
