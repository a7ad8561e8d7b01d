/*
 * Filters: tests of one column, and groups of them. A test that is a parameter of its own is col=op.value. Inside a
 * group it is col.op.value, and the value must be in double quotes when it contains a comma or a parenthesis. It must
 * never return a value that was not checked against the type of its column.
 */
#include "reader.h"

static const struct {
	struct str spelling;
	const char *sql;
} tests[] = {
#define X(name, spelling, sql) { STR(spelling), sql },
	TEST_TABLE(X)
#undef X
};
static_assert(COUNT_OF(tests) == TEST_COUNT, "every test has a spelling");

const char *test_sql(enum test t)
{
	return tests[t].sql;
}

/* Removes (any) or (all) from the end of the operator. */
static enum quantifier take_quantifier(struct str *word)
{
	static const struct str any = STR("(any)"), all = STR("(all)");
	struct str end = str_skip(*word, word->len < any.len ? 0 : word->len - any.len);
	bool is_any = str_eq(end, any);
	if (!is_any && !str_eq(end, all))
		return QUANTIFIER_NONE;
	*word = str_of(word->at, word->len - end.len);
	return is_any ? QUANTIFIER_ANY : QUANTIFIER_ALL;
}

static bool takes_quantifier(enum test t)
{
	return t == TEST_EQ || (t >= TEST_GT && t <= TEST_IMATCH);
}

/* [not.]op.value, [not.]op(any).{…} */
static bool read_test(struct reader *r, struct filter *f)
{
	f->is_negated = reader_take(r, STR("not."));
	size_t dot = str_find(r->rest, '.');
	struct str word = str_of(r->rest.at, dot);
	size_t t = 0;
	f->quantifier = take_quantifier(&word);
	while (t < TEST_COUNT && !str_eq(tests[t].spelling, word))
		t++;
	if (t == TEST_COUNT || dot == r->rest.len)
		return reader_refuse(r, "must be an operator and a value, as in eq.1");
	r->rest = str_skip(r->rest, dot + 1);
	f->test = (enum test)t;
	if (f->quantifier != QUANTIFIER_NONE && !takes_quantifier(f->test))
		return reader_refuse(r, "cannot have (any) or (all) with this operator");
	if (++r->query->test_count > QUERY_TESTS)
		return reader_refuse(r, "exceeds the number of filters that a request can have");
	/* In a group, read_group checks what follows. */
	return operand_read(r, f) &&
		(r->in_group || r->rest.len == 0 || reader_refuse(r, "continues after its end"));
}

static const struct column *find_column(struct reader *r, struct filter *f, struct str name, const char **why)
{
	const struct column *column = resource_column(r->query->resource, name);
	struct json_path *path = column ? NULL : ARENA_NEW(r->arena, struct json_path);
	if (column)
		return column;
	*why = json_path_read(path, r->arena, r->query->resource, name);
	if (*why)
		return NULL;
	r->query->test_count++;
	f->path = path;
	return &path->value;
}

static bool take_column(struct reader *r, struct filter *f, struct str name)
{
	const char *why;
	f->column = find_column(r, f, name, &why);
	if (f->column && f->column->is_context)
		return error_field(r->err, name, "comes from the request's context"); /* T30 */
	if (f->column)
		return true;
	if (r->in_group)
		return error_field(r->err, r->param, "names \"%.*s\", which %s", STR_ARG(name), why);
	return error_field(r->err, name, "%s", why);
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
		if (!reader_take(r, groups[i].word))
			continue;
		f->kind = groups[i].kind;
		f->is_negated = groups[i].is_negated;
		return read_group(r, f, depth + 1);
	}
	if (reader_take(r, STR("\""))) {
		if (!reader_quoted(r, &name))
			return false;
	} else {
		name = str_of(r->rest.at, str_find(r->rest, '.'));
		r->rest = str_skip(r->rest, name.len);
	}
	if (!reader_take(r, STR(".")))
		return reader_refuse(r, "has an item that is neither col.op.value nor a group");
	return take_column(r, f, name) && read_test(r, f);
}

/* Reads items up to the closing parenthesis. The opening one was taken before. */
static bool read_group(struct reader *r, struct filter *group, int depth)
{
	if (depth > QUERY_DEPTH)
		return error_field(r->err, r->param, "nests deeper than %d groups", QUERY_DEPTH);
	do {
		reader_skip_blanks(r);
		if (!read_item(r, append(r, group), depth))
			return false;
		reader_skip_blanks(r);
	} while (reader_take(r, STR(",")));
	return reader_take(r, STR(")")) || reader_refuse(r, "has a group that does not end");
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
	if (!reader_take(&r, STR("(")))
		return reader_refuse(&r, "must list its filters in parentheses: (a.eq.1,b.eq.2)");
	return read_group(&r, f, 1) &&
		(r.rest.len == 0 || reader_refuse(&r, "continues after its closing parenthesis"));
}

/* Names the tests whose values the database may have refused. */
static void blame(const struct filter *group, bool is_regex, struct error *err)
{
	for (const struct filter *f = group->first; f; f = f->next) {
		bool has_regex = f->test == TEST_MATCH || f->test == TEST_IMATCH;
		if (f->kind != FILTER_TEST)
			blame(f, is_regex, err);
		else if (is_regex && has_regex)
			error_field(err, f->column->name, "is not a valid regular expression");
		else if (!is_regex && f->column->kind == KIND_OTHER)
			error_field(err, f->column->name, "does not fit the type of its column");
	}
}

bool value_is_to_blame(const struct error *err)
{
	static const char *const classes[] = { "22", "3F", "42", "XX" };
	bool is_ours = err->code == ERR_INVALID_REQUEST || err->code == ERR_INTERNAL;
	for (size_t i = 0; is_ours && !err->is_of_function && i < COUNT_OF(classes); i++)
		if (str_starts(str_c(err->sqlstate), str_c(classes[i])))
			return true;
	return false;
}

bool filter_explain(const struct query *q, struct error *err)
{
	if (value_is_to_blame(err))
		blame(&q->root, str_eq(str_c(err->sqlstate), STR("2201B")), err);
	return false;
}
