/* The two forms of a row: a line of COPY (PostgreSQL's documentation, COPY, text format), and a line of JSON. */
#include "archive.h"

static const char ESCAPES[][2] = { { 'b', '\b' }, { 'f', '\f' }, { 'n', '\n' }, { 'r', '\r' }, { 't', '\t' },
	{ 'v', '\v' } };

static char unescaped(char c)
{
	for (size_t i = 0; i < COUNT_OF(ESCAPES); i++)
		if (ESCAPES[i][0] == c)
			return ESCAPES[i][1];
	return c;
}

/* The value of a column, of which the backslashes are taken out. */
static struct str decoded(struct arena *a, struct str text)
{
	if (str_find(text, '\\') == text.len)
		return text;
	char *to = arena_alloc(a, text.len);
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++)
		to[len++] = text.at[i] == '\\' && i + 1 < text.len ? unescaped(text.at[++i]) : text.at[i];
	return str_of(to, len);
}

void archive_to_json(struct buf *out, const struct str_array *columns, struct str line)
{
	struct str rest = str_ends(line, STR("\n")) ? str_of(line.at, line.len - 1) : line;
	buf_add_char(out, '{');
	for (size_t i = 0; i < columns->count; i++) {
		struct str value;
		rest = str_split(rest, '\t', &value);
		if (i > 0)
			buf_add_char(out, ',');
		buf_add_json(out, columns->at[i]);
		buf_add_char(out, ':');
		if (str_eq(value, STR("\\N")))
			buf_add(out, STR("null"));
		else
			buf_add_json(out, decoded(out->arena, value));
	}
	buf_add(out, STR("}\n"));
}

static void add_encoded(struct buf *out, struct str value)
{
	size_t begun = 0;
	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];
		if (c != '\\' && c != '\n' && c != '\r' && c != '\t')
			continue;
		buf_add(out, str_of(value.at + begun, i - begun));
		buf_add_char(out, '\\');
		buf_add_char(out, c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : c);
		begun = i + 1;
	}
	buf_add(out, str_skip(value, begun));
}

bool archive_to_copy(
	struct arena *a, struct buf *out, const struct str_array *columns, struct str line, struct error *err)
{
	const struct json *row = json_parse(a, line, err);
	if (!row)
		return false;
	if (json_kind(row) != JSON_OBJECT || json_count(row) != columns->count)
		return error_log(
			err, ERR_INVALID_REQUEST, "a row is an object with the columns that the manifest names");
	for (size_t i = 0; i < columns->count; i++) {
		const struct json *value = json_get(row, columns->at[i]);
		struct str text;
		if (i > 0)
			buf_add_char(out, '\t');
		if (value && json_kind(value) == JSON_NULL)
			buf_add(out, STR("\\N"));
		else if (json_string(value, &text))
			add_encoded(out, text);
		else
			return error_log(
				err, ERR_INVALID_REQUEST, "'%.*s' is a string or null in a row", STR_ARG(columns->at[i]));
	}
	buf_add_char(out, '\n');
	return buf_ok(out);
}

bool archive_strings(struct arena *a, const struct json *list, struct str_array *out)
{
	out->count = json_kind(list) == JSON_ARRAY ? json_count(list) : 0;
	out->at = ARENA_ARRAY(a, struct str, out->count + 1);
	for (size_t i = 0; i < out->count; i++)
		if (!json_string(json_at(list, i, NULL), &out->at[i]))
			return false;
	return out->count > 0;
}
