/* Reads CSV in one pass, with the line counted as it goes. Must never guess what a file that breaks the rules may mean. */
#include "core/csv.h"

#include "core/limits.h"

struct reader {
	struct arena *arena;
	struct str rest;
	size_t line; /* of the next byte */
	struct str *fields; /* those of the first line, too */
	size_t count, room;
	struct error *err;
};

static bool refuse(struct reader *r, size_t line, const char *why)
{
	return error_set(r->err, ERR_INVALID_REQUEST, "line %zu: %s", line, why);
}

static void keep(struct reader *r, struct str field)
{
	if (r->count == r->room) {
		size_t more = r->room ? r->room * 2 : 64;
		r->fields = arena_grow(r->arena, r->fields, r->room * sizeof(*r->fields), more * sizeof(*r->fields));
		r->room = more;
	}
	r->fields[r->count++] = field;
}

/* What stands between the quotes, with each pair of quotes as one. */
static struct str unquoted(struct arena *a, struct str s, size_t pairs)
{
	if (pairs == 0)
		return s;
	char *copy = arena_alloc(a, s.len - pairs + 1);
	size_t len = 0;
	for (size_t i = 0; i < s.len; i++) {
		copy[len++] = s.at[i];
		i += s.at[i] == '"';
	}
	return str_of(copy, len);
}

/* A field that begins with a quote. */
static bool read_quoted(struct reader *r)
{
	size_t begun = r->line, pairs = 0, i = 1;
	for (; i < r->rest.len; i++) {
		if (r->rest.at[i] == '\n')
			r->line++;
		if (r->rest.at[i] != '"')
			continue;
		if (i + 1 >= r->rest.len || r->rest.at[i + 1] != '"')
			break;
		pairs++, i++;
	}
	if (i >= r->rest.len)
		return refuse(r, begun, "a quoted field that begins here has no end");
	keep(r, unquoted(r->arena, str_of(r->rest.at + 1, i - 1), pairs));
	r->rest = str_skip(r->rest, i + 1);
	return true;
}

static bool read_plain(struct reader *r)
{
	size_t i = 0;
	while (i < r->rest.len && !strchr(",\r\n", r->rest.at[i])) {
		if (r->rest.at[i] == '"')
			return refuse(r, r->line, "a quote inside of a field that has none around it");
		i++;
	}
	keep(r, str_of(r->rest.at, i));
	r->rest = str_skip(r->rest, i);
	return true;
}

/* Steps over what parts two fields or two lines. */
static bool step(struct reader *r, bool *is_end_of_line)
{
	bool has_cr = str_starts(r->rest, STR("\r\n"));
	*is_end_of_line = str_is_empty(r->rest) || has_cr || r->rest.at[0] == '\n';
	if (!*is_end_of_line && r->rest.at[0] != ',')
		return refuse(
			r, r->line, r->rest.at[0] == '\r' ? "a CR without an LF" : "text behind a closing quote");
	r->line += *is_end_of_line;
	r->rest = str_skip(r->rest, has_cr ? 2 : 1);
	return true;
}

static bool read_line(struct reader *r)
{
	bool is_end = false;
	while (!is_end) {
		bool is_quoted = str_starts(r->rest, STR("\""));
		if (!(is_quoted ? read_quoted(r) : read_plain(r)) || !step(r, &is_end))
			return false;
	}
	return true;
}

/* Refuses what is no text, with its line. */
static bool is_text(struct reader *r)
{
	size_t line = 1;
	uint32_t point;
	for (struct str s = r->rest; !str_is_empty(s);) {
		size_t n = str_utf8_next(s, &point);
		if (n == 0 || point == 0)
			return refuse(r, line, "this is no text in UTF-8");
		line += point == '\n';
		s = str_skip(s, n);
	}
	return true;
}

static bool names_are_good(struct reader *r)
{
	if (r->count > LIMIT_CSV_COLUMNS)
		return refuse(r, 1, "there are too many columns");
	for (size_t i = 0; i < r->count; i++) {
		if (str_is_empty(r->fields[i]))
			return refuse(r, 1, "a column has no name");
		for (size_t j = 0; j < i; j++)
			if (str_eq(r->fields[i], r->fields[j]))
				return refuse(r, 1, "two columns have the same name");
	}
	return true;
}

bool csv_parse(struct arena *a, struct str text, struct csv *csv, struct error *err)
{
	struct reader r = { .arena = a, .rest = text, .line = 1, .err = err };
	size_t room = 0;
	*csv = (struct csv){ 0 };
	if (str_starts(text, STR("\xef\xbb\xbf")))
		r.rest = str_skip(text, 3);
	if (!is_text(&r) || !read_line(&r) || !names_are_good(&r))
		return false;
	csv->columns = r.count;
	while (!str_is_empty(r.rest)) {
		size_t line = r.line, before = r.count;
		if (!read_line(&r))
			return false;
		if (r.count - before != csv->columns)
			return error_set(err, ERR_INVALID_REQUEST, "line %zu: it has %zu fields, and the first line %zu",
				line, r.count - before, csv->columns);
		if (csv->rows == room) {
			size_t more = room ? room * 2 : 64;
			csv->lines = arena_grow(a, csv->lines, room * sizeof(*csv->lines), more * sizeof(*csv->lines));
			room = more;
		}
		csv->lines[csv->rows++] = line;
	}
	csv->names = r.fields;
	csv->fields = r.fields + csv->columns;
	return true;
}

size_t csv_column(const struct csv *csv, struct str name)
{
	size_t i = 0;
	while (i < csv->columns && !str_eq(csv->names[i], name))
		i++;
	return i;
}

struct str csv_field(const struct csv *csv, size_t row, size_t column)
{
	return column < csv->columns ? csv->fields[row * csv->columns + column] : STR("");
}
