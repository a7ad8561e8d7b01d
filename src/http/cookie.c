/* Cookies, and the origins of pages. Must never take a part of a name or of an origin for the whole. */
#include "http/cookie.h"

size_t cookie_find(struct str header, struct str name, struct str *value)
{
	size_t count = 0;
	*value = STR("");
	while (!str_is_empty(header)) {
		struct str pair, own;
		header = str_split(header, ';', &pair);
		struct str rest = str_split(str_trim(pair), '=', &own);
		if (!str_eq(own, name))
			continue;
		if (count++ == 0)
			*value = rest;
	}
	return count;
}

bool origin_is_of(struct str origin, struct str url)
{
	size_t end = str_starts(url, STR("https://")) ? 8 : 7;
	while (end < url.len && url.at[end] != '/')
		end++;
	return str_eq_nocase(origin, str_of(url.at, end < url.len ? end : url.len));
}
