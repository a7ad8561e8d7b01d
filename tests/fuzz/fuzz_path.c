/*
 * Fuzzes the request target. path_parse either refuses it, or all segments are non-empty and have nothing that could be
 * read in two ways, and all bounds are kept.
 */
#include "http/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_segment(struct str s)
{
	if (str_is_empty(s) || str_has_control(s) || !str_is_utf8(s) || str_eq(s, STR(".")) ||
		str_eq(s, STR("..")))
		BUG("a segment that should have been refused");
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == '/' || s.at[i] == '\\' || s.at[i] == '%')
			BUG("a separator in a decoded segment");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	struct path p;
	struct str authority;
	struct error err = ERROR_INIT;
	if (!arena)
		arena = arena_new(LIMIT_REQUEST_POOL);
	if (path_parse(&p, arena, str_of((const char *)data, size), &authority, &err)) {
		if (p.segment_count > LIMIT_PATH_SEGMENTS || p.query_count > LIMIT_QUERY_PAIRS || size > LIMIT_URI)
			BUG("a bound was passed");
		for (size_t i = 0; i < p.segment_count; i++)
			check_segment(p.segments[i]);
	} else if (err.code != ERR_INVALID_REQUEST && err.code != ERR_NOT_FOUND) {
		BUG("a refusal that is neither 400 nor 404");
	}
	arena_reset(arena);
	return 0;
}
