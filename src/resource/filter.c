/*
 * Filters: tests of one column, and groups of them. A test at the top is col=op.value; inside a group it is
 * col.op.value, its value in double quotes when it holds a comma or a parenthesis. Must never give a value that
 * was not held to its column's type.
 */
#include "resource/query.h"

#include "core/buf.h"
#include "resource/value.h"

static const struct {
	struct str spelling;
	const char *sql;
} tests[] = {
#define X(name, spelling, sql) { STR(spelling), sql },
	TEST_TABLE(X)
#undef X
};
static_assert(COUNT_OF(tests) == TEST_COUNT, "every test has a spelling");

struct reader {
	struct query *query;
	struct arena *arena;
	struct str param; /* its name, for refusals */
	struct str rest;
	bool in_group;
	struct error *err;
};

const char *test_sql(enum test t)
{
	return tests[t].sql;
}

static bool refuse(struct reader *r, const char *why)
{
	return error_field(r->err, r->param, "%s", why);
}

static bool take(struct reader *r, struct str what)
{
	if (!str_starts(r->rest, what))
		return false;
	r->rest = str_skip(r->rest, what.len);
	return true;
}

/* "…" with \ before a quote or a backslash; the opening quote is gone. */
static bool read_quoted(struct reader *r, struct str *out)
{
	char *to = arena_alloc(r->arena, r->rest.len + 1);
	size_t n = 0, i = 0;
	while (i < r->rest.len && r->rest.at[i] != '"') {
		if (r->rest.at[i] == '\\' && i + 1 < r->rest.len)
			i++;
		to[n++] = r->rest.at[i++];
	}
	if (i == r->rest.len)
		return refuse(r, "has a quote that does not end");
	r->rest = str_skip(r->rest, i + 1);
	*out = str_of(to, n);
	return true;
}

/* Up to a comma or a closing parenthesis. */
static bool read_bounded(struct reader *r, struct str *out)
{
	size_t n = 0;
	if (take(r, STR("\"")))
		return read_quoted(r, out);
	while (n < r->rest.len && r->rest.at[n] != ',' && r->rest.at[n] != ')')
		n++;
	*out = str_of(r->rest.at, n);
	r->rest = str_skip(r->rest, n);
	return true;
}

static bool read_operand(struct reader *r, struct str *out)
{
	if (r->in_group)
		return read_bounded(r, out);
	*out = r->rest;
	r->rest = STR("");
	return true;
}

static bool is_fit(struct reader *r, const struct column *c, struct str text)
{
	const char *fault = value_fault(c, text);
	return !fault || refuse(r, fault);
}

static bool is_listed(const struct str *seen, size_t count, struct str text)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(seen[i], text))
			return true;
	return false;
}

/* The elements as an array literal, each in quotes. */
static struct str array_literal(struct arena *a, const struct str *at, size_t count)
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

/* (a,b,"c,d") */
static bool read_list(struct reader *r, struct filter *f)
{
	struct str *seen = ARENA_ARRAY(r->arena, struct str, r->rest.len / 2 + 2);
	size_t count = 0;
	if (!take(r, STR("(")))
		return refuse(r, "must list its values in parentheses: in.(a,b)");
	while (!take(r, STR(")"))) {
		struct str element;
		if (count > 0 && !take(r, STR(",")))
			return refuse(r, "has a list that does not end");
		if (!read_bounded(r, &element) || !is_fit(r, f->column, element))
			return false;
		if (r->rest.len == 0)
			return refuse(r, "has a list that does not end");
		if (count == 0 || !is_listed(seen, count, element))
			seen[count++] = element;
	}
	f->value = array_literal(r->arena, seen, count);
	f->value_count = count;
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
		return !words[i].of_bool || f->column->kind == KIND_BOOL || refuse(r, "is not a boolean column");
	}
	return refuse(r, "takes null, not_null, true, false or unknown after is");
}

/* With * for %, as PostgREST has it, since % is awkward in a URL. */
static bool read_pattern(struct reader *r, struct filter *f)
{
	struct str given;
	size_t backslashes = 0;
	if (f->column->kind != KIND_TEXT)
		return refuse(r, "is not a text column: like and ilike do not fit");
	if (!read_operand(r, &given))
		return false;
	char *pattern = arena_cstr(r->arena, given);
	for (size_t i = 0; i < given.len; i++) {
		backslashes = pattern[i] == '\\' ? backslashes + 1 : 0;
		if (pattern[i] == '*')
			pattern[i] = '%';
	}
	if (backslashes % 2 == 1)
		return refuse(r, "has a pattern that ends in a backslash");
	f->value = str_of(pattern, given.len);
	return true;
}

/* [not.]op.value */
static bool read_test(struct reader *r, struct filter *f)
{
	f->is_negated = take(r, STR("not."));
	f->value_count = 1;
	size_t dot = str_find(r->rest, '.');
	struct str word = str_of(r->rest.at, dot);
	size_t t = 0;
	while (t < TEST_COUNT && !str_eq(tests[t].spelling, word))
		t++;
	if (t == TEST_COUNT || dot == r->rest.len)
		return refuse(r, "must be an operator and a value, as in eq.1");
	r->rest = str_skip(r->rest, dot + 1);
	f->test = (enum test)t;
	if (++r->query->test_count > QUERY_TESTS)
		return refuse(r, "is one filter too many");
	if (f->test == TEST_IS)
		return read_is(r, f);
	if (!f->column->is_comparable)
		return refuse(r, "cannot be compared");
	if (f->test == TEST_LIKE || f->test == TEST_ILIKE)
		return read_pattern(r, f);
	if (f->test == TEST_IN)
		return !str_is_empty(f->column->list_cast) ? read_list(r, f) : refuse(r, "cannot be compared");
	return read_operand(r, &f->value) && is_fit(r, f->column, f->value);
}

static bool take_column(struct reader *r, struct filter *f, struct str name)
{
	f->column = resource_column(r->query->resource, name);
	if (f->column && f->column->is_context)
		return error_field(r->err, name, "comes from the request's context"); /* T30 */
	if (f->column)
		return true;
	if (r->in_group)
		return error_field(r->err, r->param, "names \"%.*s\", which is no column", STR_ARG(name));
	return error_field(r->err, name, "is no column of this resource");
}

static struct filter *append(struct reader *r, struct filter *group)
{
	struct filter **end = &group->first;
	while (*end)
		end = &(*end)->next;
	*end = ARENA_NEW(r->arena, struct filter);
	return *end;
}

static bool read_group(struct reader *r, struct filter *group, int depth);

/* and(…), or(…), not.and(…), not.or(…) or a test. */
static bool read_item(struct reader *r, struct filter *f, int depth)
{
	static const struct {
		struct str word;
		enum filter_kind kind;
		bool is_negated;
	} groups[] = {
		{ STR("and("), FILTER_AND, false },
		{ STR("or("), FILTER_OR, false },
		{ STR("not.and("), FILTER_AND, true },
		{ STR("not.or("), FILTER_OR, true },
	};
	struct str name;
	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		if (!take(r, groups[i].word))
			continue;
		f->kind = groups[i].kind;
		f->is_negated = groups[i].is_negated;
		return read_group(r, f, depth + 1);
	}
	if (take(r, STR("\""))) {
		if (!read_quoted(r, &name))
			return false;
	} else {
		name = str_of(r->rest.at, str_find(r->rest, '.'));
		r->rest = str_skip(r->rest, name.len);
	}
	if (!take(r, STR(".")))
		return refuse(r, "has an item that is neither col.op.value nor a group");
	return take_column(r, f, name) && read_test(r, f);
}

/* Items up to the closing parenthesis; the opening one is gone. */
static bool read_group(struct reader *r, struct filter *group, int depth)
{
	if (depth > QUERY_DEPTH)
		return error_field(r->err, r->param, "nests deeper than %d groups", QUERY_DEPTH);
	do {
		if (!read_item(r, append(r, group), depth))
			return false;
	} while (take(r, STR(",")));
	return take(r, STR(")")) || refuse(r, "has a group that does not end");
}

bool filter_parse(struct query *q, struct arena *a, struct str name, struct str value, struct error *err)
{
	struct reader r = { .query = q, .arena = a, .param = name, .rest = value, .err = err };
	bool is_negated = str_starts(name, STR("not."));
	struct str word = str_skip(name, is_negated ? 4 : 0);
	bool is_or = str_eq(word, STR("or"));
	struct filter *f = append(&r, &q->root);
	if (!is_or && !str_eq(word, STR("and")))
		return take_column(&r, f, name) && read_test(&r, f);
	f->kind = is_or ? FILTER_OR : FILTER_AND;
	f->is_negated = is_negated;
	r.in_group = true;
	if (!take(&r, STR("(")))
		return refuse(&r, "must list its filters in parentheses: (a.eq.1,b.eq.2)");
	return read_group(&r, f, 1) && (r.rest.len == 0 || refuse(&r, "goes on behind its closing parenthesis"));
}
