/* Paths into JSON columns: col->key->0->>key. The keys become a parameter and never a part of the SQL text. */
#include "reader.h"

#include "core/buf.h"

enum { KEYS_MAX = 8 };

/* The position of the next arrow, or the length when there is none. */
static size_t find_arrow(struct str s)
{
	const char *at = memmem(s.at, s.len, "->", 2);
	return at ? (size_t)(at - s.at) : s.len;
}

static bool is_index(struct str key)
{
	size_t i = str_starts(key, STR("-")) ? 1 : 0;
	bool is_index = i < key.len;
	for (; i < key.len; i++)
		is_index = is_index && key.at[i] >= '0' && key.at[i] <= '9';
	return is_index;
}

/* A column that describes the value at the end of the path, for comparisons. */
static struct column value_of(const struct column *c, struct str name, bool as_text)
{
	struct column value = {
		.name = name,
		.is_nullable = true,
		.is_comparable = as_text || c->kind == KIND_JSONB,
		.kind = as_text ? KIND_TEXT : c->kind,
		.cast = as_text ? STR("text") : c->cast,
		.list_cast = as_text ? STR("text[]") : c->list_cast,
	};
	return value;
}

const char *json_path_read(struct json_path *p, struct arena *a, const struct resource *r, struct str text)
{
	struct str keys[KEYS_MAX], rest = text;
	size_t count = 0;
	bool as_text = false;
	size_t arrow = find_arrow(text);
	*p = (struct json_path){ .of = resource_column(r, str_of(text.at, arrow)) };
	if (!p->of || arrow == text.len)
		return "is not a column of this resource";
	if (p->of->kind != KIND_JSON && p->of->kind != KIND_JSONB)
		return "is not JSON, so it has no paths";
	p->name = p->of->name;
	for (rest = str_skip(text, arrow); rest.len > 0; count++) {
		if (as_text || count == KEYS_MAX)
			return as_text ? "continues after ->>, which gives a text" : "has a path with too many keys";
		as_text = str_starts(rest, STR("->>"));
		rest = str_skip(rest, as_text ? 3 : 2);
		keys[count] = str_of(rest.at, find_arrow(rest));
		rest = str_skip(rest, keys[count].len);
		if (keys[count].len == 0)
			return "has a path with an empty key";
		if (!is_index(keys[count]))
			p->name = keys[count];
	}
	p->keys = array_literal(a, keys, count);
	p->value = value_of(p->of, text, as_text);
	p->as_text = as_text;
	return NULL;
}
