/*
 * Reads what follows an operator: a value, a list or a pattern. It must never return a value that was not checked
 * against the type of its column, or a pattern beyond the bounds of a request.
 */
#include "reader.h"

#include "core/buf.h"
#include "resource/value.h"

bool reader_refuse(struct reader *r, const char *why)
{
	return error_field(r->err, r->param, "%s", why);
}

bool reader_take(struct reader *r, struct str what)
{
	if (!str_starts(r->rest, what))
		return false;
	r->rest = str_skip(r->rest, what.len);
	return true;
}

void reader_skip_blanks(struct reader *r)
{
	while (reader_take(r, STR(" ")))
		continue;
}

/* Takes the text up to one of the characters `ends`, which stays. A \ before any character is removed. */
static struct str take_escaped(struct reader *r, const char *ends)
{
	size_t n = 0, len = 0;
	while (len < r->rest.len && !strchr(ends, r->rest.at[len]))
		len += r->rest.at[len] == '\\' && len + 1 < r->rest.len ? 2 : 1;
	char *to = arena_alloc(r->arena, len + 1);
	for (size_t i = 0; i < len; i++) {
		i += r->rest.at[i] == '\\' && i + 1 < len;
		to[n++] = r->rest.at[i];
	}
	r->rest = str_skip(r->rest, len);
	return str_of(to, n);
}

bool reader_quoted(struct reader *r, struct str *out)
{
	*out = take_escaped(r, "\"");
	return reader_take(r, STR("\"")) || reader_refuse(r, "has a quote that does not end");
}

/* Reads a quoted text, or the text up to a comma or a closing parenthesis. */
static bool read_bounded(struct reader *r, struct str *out)
{
	size_t n = 0;
	if (reader_take(r, STR("\"")))
		return reader_quoted(r, out);
	while (n < r->rest.len && r->rest.at[n] != ',' && r->rest.at[n] != ')')
		n++;
	*out = str_of(r->rest.at, n);
	r->rest = str_skip(r->rest, n);
	return true;
}

/* Takes {…}, an array or JSON, if it has no braces inside and the item ends after it. */
static bool take_braces(struct reader *r, struct str *out)
{
	size_t n = 1;
	while (n < r->rest.len && r->rest.at[n] != '{' && r->rest.at[n] != '}')
		n++;
	if (!str_starts(r->rest, STR("{")) || n + 1 >= r->rest.len || r->rest.at[n] != '}' ||
		(r->rest.at[n + 1] != ',' && r->rest.at[n + 1] != ')'))
		return false;
	*out = str_of(r->rest.at, n + 1);
	r->rest = str_skip(r->rest, n + 1);
	return true;
}

static bool read_operand(struct reader *r, struct str *out)
{
	if (r->in_group)
		return take_braces(r, out) || read_bounded(r, out);
	*out = r->rest;
	r->rest = STR("");
	return true;
}

static bool is_fit(struct reader *r, const struct column *c, struct str text)
{
	const char *fault = value_fault(c, text);
	return !fault || reader_refuse(r, fault);
}

static bool is_listed(const struct str *seen, size_t count, struct str text)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(seen[i], text))
			return true;
	return false;
}

struct str array_literal(struct arena *a, const struct str *at, size_t count)
{
	struct buf b;
	buf_init(&b, a, LIMIT_URI * 4);
	buf_add_char(&b, '{');
	for (size_t i = 0; i < count; i++) {
		buf_add_c(&b, i > 0 ? ",\"" : "\"");
		for (size_t j = 0; j < at[i].len; j++) {
			if (at[i].at[j] == '"' || at[i].at[j] == '\\')
				buf_add_char(&b, '\\');
			buf_add_char(&b, at[i].at[j]);
		}
		buf_add_char(&b, '"');
	}
	buf_add_char(&b, '}');
	if (!buf_ok(&b))
		BUG("a list in a request target takes more than %d bytes", LIMIT_URI * 4);
	return buf_str(&b);
}

/* The values of a list, each once. */
struct list {
	struct str *at;
	size_t count;
};

static void list_begin(struct list *list, struct reader *r)
{
	*list = (struct list){ ARENA_ARRAY(r->arena, struct str, r->rest.len / 2 + 2), 0 };
}

static void list_add(struct list *list, struct str element)
{
	if (!is_listed(list->at, list->count, element))
		list->at[list->count++] = element;
}

static void list_end(const struct list *list, struct reader *r, struct filter *f)
{
	f->value = array_literal(r->arena, list->at, list->count);
	f->value_count = list->count;
}

/* (a,b,"c,d") */
static bool read_list(struct reader *r, struct filter *f)
{
	struct list list;
	list_begin(&list, r);
	if (!reader_take(r, STR("(")))
		return reader_refuse(r, "must list its values in parentheses: in.(a,b)");
	for (bool is_first = true; !reader_take(r, STR(")")); is_first = false) {
		struct str element;
		if (!is_first && !reader_take(r, STR(",")))
			return reader_refuse(r, "has a list that does not end");
		if (!read_bounded(r, &element))
			return false;
		if (f->column->kind != KIND_TEXT && f->column->kind != KIND_OTHER)
			element = str_trim(element);
		if (!is_fit(r, f->column, element))
			return false;
		if (r->rest.len == 0)
			return reader_refuse(r, "has a list that does not end");
		list_add(&list, element);
	}
	list_end(&list, r, f);
	return true;
}

static bool read_is(struct reader *r, struct filter *f)
{
	static const struct {
		struct str word, sql;
		bool of_bool;
	} words[] = {
		{ STR("null"), STR("NULL"), false },
		{ STR("not_null"), STR("NOT NULL"), false },
		{ STR("true"), STR("TRUE"), true },
		{ STR("false"), STR("FALSE"), true },
		{ STR("unknown"), STR("UNKNOWN"), true },
	};
	struct str word;
	if (!read_operand(r, &word))
		return false;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (!str_eq_nocase(words[i].word, word))
			continue;
		f->value = words[i].sql;
		return !words[i].of_bool || f->column->kind == KIND_BOOL ||
			reader_refuse(r, "is not a boolean column");
	}
	return reader_refuse(r, "takes null, not_null, true, false or unknown after is");
}

/* Replaces * by %, as PostgREST does, since % is awkward in a URL. */
static bool read_like(struct reader *r, struct str given, struct str *out)
{
	size_t backslashes = 0;
	char *pattern = arena_cstr(r->arena, given);
	for (size_t i = 0; i < given.len; i++) {
		backslashes = pattern[i] == '\\' ? backslashes + 1 : 0;
		if (pattern[i] == '*')
			pattern[i] = '%';
	}
	if (backslashes % 2 == 1)
		return reader_refuse(r, "has a pattern that ends in a backslash");
	*out = str_of(pattern, given.len);
	return true;
}

static bool is_regex(const struct filter *f)
{
	return f->test == TEST_MATCH || f->test == TEST_IMATCH;
}

static bool is_like(const struct filter *f)
{
	return f->test == TEST_LIKE || f->test == TEST_ILIKE;
}

/* Every row's text is matched with every pattern, so the bounds are for all patterns of a request together (T101,
 * T133). */
static bool read_pattern(struct reader *r, const struct filter *f, struct str given, struct str *out)
{
	struct query *q = r->query;
	if (given.len > LIMIT_PATTERN)
		return error_field(r->err, r->param, "has a pattern of more than %d bytes", LIMIT_PATTERN);
	q->pattern_bytes += given.len;
	if (q->pattern_bytes > LIMIT_PATTERNS)
		return error_field(r->err, r->param,
			"makes the patterns too long: those of a request can have %d bytes together", LIMIT_PATTERNS);
	if (is_regex(f) && ++q->regex_count > LIMIT_REGEXES)
		return error_field(
			r->err, r->param, "exceeds the %d regular expressions that a request can have", LIMIT_REGEXES);
	if (is_like(f))
		return read_like(r, given, out);
	const char *fault = regex_fault(given);
	return !fault || reader_refuse(r, fault);
}

/* Checks one value of the test and makes of it what the database gets. */
static bool read_value(struct reader *r, const struct filter *f, struct str given, struct str *out)
{
	*out = given;
	if (!is_like(f) && !is_regex(f))
		return is_fit(r, f->column, given);
	if (f->column->kind != KIND_TEXT)
		return reader_refuse(r, "is not a text column, so it cannot be matched with a pattern");
	return read_pattern(r, f, given, out);
}

/* Reads an element of an array without quotes, up to a comma or the closing brace. A \ may precede any character. */
static bool read_bare(struct reader *r, struct str *out)
{
	*out = str_trim(take_escaped(r, ",}{\""));
	if (str_starts(r->rest, STR("{")) || str_starts(r->rest, STR("\"")))
		return reader_refuse(r, "has an array with a brace or a quote in an element: write it in quotes");
	if (str_is_empty(*out) || str_eq_nocase(*out, STR("null")))
		return reader_refuse(
			r, "has an array with an empty or null element: write such a text in quotes, \"\" or \"null\"");
	return true;
}

/* Reads {a,"b,c"}: an array of one dimension without nulls. Its elements are checked as values of the test `as`. */
static bool read_array(struct reader *r, struct filter *f, const struct filter *as)
{
	struct list list;
	list_begin(&list, r);
	if (!reader_take(r, STR("{")))
		return reader_refuse(r, "must list its values in braces: {a,b}");
	reader_skip_blanks(r);
	for (bool is_first = true; !reader_take(r, STR("}")); is_first = false) {
		struct str element;
		if (!is_first && !reader_take(r, STR(",")))
			return reader_refuse(r, "has an array that does not end");
		if (!is_first && (is_like(as) || is_regex(as)) && ++r->query->test_count > QUERY_TESTS)
			return reader_refuse(
				r, "exceeds the number of filters that a request can have"); /* a pattern is one */
		reader_skip_blanks(r);
		if (!(reader_take(r, STR("\"")) ? reader_quoted(r, &element) : read_bare(r, &element)) ||
			!read_value(r, as, element, &element))
			return false;
		reader_skip_blanks(r);
		list_add(&list, element);
	}
	if (!r->in_group && r->rest.len > 0)
		return reader_refuse(r, "continues after its closing brace");
	list_end(&list, r, f);
	return true;
}

/* op(any).{…}, op(all).{…}. An empty list is refused, because (all) would then match every row. */
static bool read_quantified(struct reader *r, struct filter *f)
{
	if (str_is_empty(f->column->list_cast))
		return reader_refuse(r, "cannot be compared");
	if (!read_array(r, f, f))
		return false;
	if (f->value_count == 0)
		return reader_refuse(r, "has an empty list");
	if (f->test == TEST_EQ && f->quantifier == QUANTIFIER_ANY) {
		f->test = TEST_IN;
		f->quantifier = QUANTIFIER_NONE;
	}
	return true;
}

/* The array types whose elements can be checked and compared. */
static const struct {
	struct str cast;
	enum kind kind;
} arrays[] = {
	{ STR("text[]"), KIND_TEXT },
	{ STR("character varying[]"), KIND_TEXT },
	{ STR("uuid[]"), KIND_UUID },
	{ STR("smallint[]"), KIND_INT2 },
	{ STR("integer[]"), KIND_INT4 },
	{ STR("bigint[]"), KIND_INT8 },
	{ STR("numeric[]"), KIND_NUMERIC },
	{ STR("real[]"), KIND_FLOAT4 },
	{ STR("double precision[]"), KIND_FLOAT8 },
	{ STR("boolean[]"), KIND_BOOL },
	{ STR("date[]"), KIND_DATE },
	{ STR("timestamp with time zone[]"), KIND_TIMESTAMPTZ },
	{ STR("timestamp without time zone[]"), KIND_TIMESTAMP },
};

/* The operators cs and cd need an array or jsonb, ov needs an array. */
static bool read_container(struct reader *r, struct filter *f)
{
	if (f->column->kind == KIND_JSONB && f->test != TEST_OV)
		return read_operand(r, &f->value) && is_fit(r, f->column, f->value);
	for (size_t i = 0; i < COUNT_OF(arrays); i++) {
		struct column element = { .kind = arrays[i].kind };
		struct filter as = { .column = &element };
		if (f->column->kind == KIND_ARRAY && str_eq(arrays[i].cast, f->column->cast))
			return read_array(r, f, &as);
	}
	return reader_refuse(r, "has a type that this operator cannot be used with");
}

bool operand_read(struct reader *r, struct filter *f)
{
	struct str given;
	f->value_count = 1;
	if (f->test == TEST_IS)
		return read_is(r, f);
	if (f->test == TEST_CS || f->test == TEST_CD || f->test == TEST_OV)
		return read_container(r, f);
	if (!f->column->is_comparable)
		return reader_refuse(r, "cannot be compared");
	if (f->test == TEST_IN)
		return !str_is_empty(f->column->list_cast) ? read_list(r, f) : reader_refuse(r, "cannot be compared");
	if (f->quantifier != QUANTIFIER_NONE)
		return read_quantified(r, f);
	return read_operand(r, &given) && read_value(r, f, given, &f->value);
}
