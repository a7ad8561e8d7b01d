/*
 * Fuzzes the JSON parser. Whatever json_accept accepts, json-c must parse, and every string in it must be UTF-8 without
 * a NUL. Whatever json_accept refuses, json_parse must refuse.
 */
#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct json *v)
{
	struct str text, name;
	int64_t n;
	bool b;
	if (json_string(v, &text) && (!str_is_utf8(text) || memchr(text.at, '\0', text.len)))
		BUG("a string that was not to be accepted");
	if (json_int64(v, &n) && json_kind(v) != JSON_NUMBER)
		BUG("an integer that is no number");
	if (json_bool(v, &b) && json_kind(v) != JSON_BOOL)
		BUG("a truth value of another kind");
	for (size_t i = 0; i < json_count(v); i++) {
		const struct json *child = json_at(v, i, &name);
		if (!child)
			BUG("a value that is counted and not there");
		if (json_kind(v) == JSON_OBJECT && json_get(v, name) != child)
			BUG("a name that stands twice");
		walk(child);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	if (!arena)
		arena = arena_new(4096);
	const char *why;
	struct error err = ERROR_INIT;
	struct str text = str_of((const char *)data, size);
	bool ok = json_accept(text, &why);
	const struct json *v = json_parse(arena, text, &err);
	if (ok != (v != NULL))
		BUG("acceptance and parser differ: %s", why);
	walk(v);
	arena_reset(arena);
	return 0;
}
