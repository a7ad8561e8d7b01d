/*
 * The parameters of a request on a resource. A parameter that is not a word of the grammar must be a column to filter
 * by. Anything else is refused by name, so that a misspelt filter never makes a request read or change more rows.
 */
#include "reader.h"

#include "core/buf.h"

static bool is_word(struct str s)
{
	bool is_word = s.len > 0 && s.len <= 63 && !(s.at[0] >= '0' && s.at[0] <= '9');
	for (size_t i = 0; i < s.len && is_word; i++)
		is_word = (s.at[i] >= 'a' && s.at[i] <= 'z') || (s.at[i] >= 'A' && s.at[i] <= 'Z') ||
			(s.at[i] >= '0' && s.at[i] <= '9') || s.at[i] == '_';
	return is_word;
}

static bool add_selected(struct query *q, struct selected s, struct error *err)
{
	if (q->select_count == QUERY_SELECT)
		return error_field(err, STR("select"), "names more than %d columns", QUERY_SELECT);
	for (size_t i = 0; i < q->select_count; i++)
		if (str_eq(q->select[i].name, s.name))
			return error_field(err, STR("select"), "names \"%.*s\" twice", STR_ARG(s.name));
	q->select[q->select_count++] = s;
	return true;
}

/* A column, or a path into a JSON column. */
static bool find_selected(
	struct query *q, struct arena *a, struct str name, struct selected *s, struct error *err)
{
	const char *why;
	*s = (struct selected){ .column = resource_column(q->resource, name) };
	if (s->column) {
		s->name = s->column->name;
		return true;
	}
	struct json_path *path = ARENA_NEW(a, struct json_path);
	why = json_path_read(path, a, q->resource, name);
	if (why)
		return error_field(err, STR("select"), "names \"%.*s\", which %s", STR_ARG(name), why);
	if (++q->test_count > QUERY_TESTS)
		return error_field(
			err, STR("select"), "has too many paths: a request can have %d filters and paths", QUERY_TESTS);
	*s = (struct selected){ path->of, path, path->name };
	return true;
}

/* *, column, alias:column */
static bool parse_selected(struct query *q, struct arena *a, struct str item, struct error *err)
{
	const struct resource *r = q->resource;
	struct str alias, name = str_split(item, ':', &alias);
	bool has_alias = str_find(item, ':') < item.len;
	if (str_eq(item, STR("*"))) {
		for (size_t i = 0; i < r->column_count; i++)
			if (!add_selected(q, (struct selected){ &r->columns[i], NULL, r->columns[i].name }, err))
				return false;
		return true;
	}
	if (!has_alias)
		name = item;
	struct selected selected;
	if (!find_selected(q, a, name, &selected, err))
		return false;
	if (has_alias)
		selected.name = alias;
	if ((has_alias || selected.path) && !is_word(selected.name))
		return error_field(err, STR("select"), "has a name that is not letters, digits and _");
	return add_selected(q, selected, err);
}

static bool parse_select(struct query *q, struct arena *a, struct str value, struct error *err)
{
	if (str_is_empty(value) || str_eq(value, STR("*")))
		return true;
	q->select = ARENA_ARRAY(a, struct selected, QUERY_SELECT);
	while (!str_is_empty(value)) {
		struct str item;
		value = str_split(value, ',', &item);
		if (!parse_selected(q, a, str_trim(item), err))
			return false;
	}
	return true;
}

static bool parse_ordered(struct ordered *o, struct str suffixes)
{
	bool nulls_said = false;
	while (!str_is_empty(suffixes)) {
		struct str word;
		suffixes = str_split(suffixes, '.', &word);
		bool is_direction = str_eq(word, STR("asc")) || str_eq(word, STR("desc"));
		bool is_nulls = str_eq(word, STR("nullsfirst")) || str_eq(word, STR("nullslast"));
		if (nulls_said || (!is_direction && !is_nulls))
			return false;
		if (is_direction) {
			o->is_descending = str_eq(word, STR("desc"));
			o->nulls_first = o->is_descending; /* as PostgreSQL does */
		} else {
			o->nulls_first = str_eq(word, STR("nullsfirst"));
			nulls_said = true;
		}
	}
	return true;
}

/* a, b.desc, c.asc.nullsfirst */
static bool parse_order(struct query *q, struct str value, struct error *err)
{
	static const struct str param = STR("order");
	while (!str_is_empty(value)) {
		struct str item, name, suffixes;
		value = str_split(value, ',', &item);
		suffixes = str_split(str_trim(item), '.', &name);
		struct ordered o = { .column = resource_column(q->resource, name) };
		if (!o.column)
			return error_field(
				err, param, "names \"%.*s\", which is not a column of this resource", STR_ARG(name));
		if (!parse_ordered(&o, suffixes))
			return error_field(err, param, "takes only asc, desc, nullsfirst and nullslast after a column");
		if (!o.column->is_comparable)
			return error_field(err, param, "names \"%.*s\", which cannot be sorted", STR_ARG(name));
		if (q->order_count == QUERY_ORDER)
			return error_field(err, param, "names more than %d columns", QUERY_ORDER);
		for (size_t i = 0; i < q->order_count; i++)
			if (q->order[i].column == o.column)
				return error_field(err, param, "names \"%.*s\" twice", STR_ARG(name));
		q->order[q->order_count++] = o;
	}
	q->is_ordered = q->order_count > 0;
	return true;
}

static bool parse_number(struct str name, struct str value, int64_t most, int64_t *out, struct error *err)
{
	return (str_to_int64(value, out) && *out <= most) ||
		error_field(err, name, "is not a number from 0 to %lld", (long long)most);
}

/* Some clients put the names of a list in double quotes. */
static struct str without_quotes(struct str name)
{
	name = str_trim(name);
	bool is_quoted = name.len >= 2 && name.at[0] == '"' && name.at[name.len - 1] == '"';
	return is_quoted ? str_of(name.at + 1, name.len - 2) : name;
}

static bool parse_columns(struct query *q, struct arena *a, struct str value, struct error *err)
{
	q->columns = ARENA_ARRAY(a, bool, q->resource->column_count + 1);
	while (!str_is_empty(value)) {
		struct str name;
		value = str_split(value, ',', &name);
		const struct column *column = resource_column(q->resource, without_quotes(name));
		if (!column)
			return error_field(
				err, STR("columns"), "names \"%.*s\", which is not a column of this resource", STR_ARG(name));
		q->columns[column - q->resource->columns] = true;
	}
	return true;
}

static bool has_column(const struct constraint *k, struct str name)
{
	for (size_t i = 0; i < k->column_count; i++)
		if (str_eq(k->columns[i], name))
			return true;
	return false;
}

/* Finds the key or unique constraint that has exactly these columns, apart from those of the tenant. */
static bool parse_conflict(struct query *q, struct str value, struct error *err)
{
	const struct resource *r = q->resource;
	for (size_t i = 0; i < r->constraint_count; i++) {
		const struct constraint *k = &r->constraints[i];
		struct str rest = value;
		size_t matched = 0, named = 0;
		while (!str_is_empty(rest)) {
			struct str name;
			rest = str_split(rest, ',', &name);
			named++;
			matched += has_column(k, str_trim(name));
		}
		if ((k->type == 'p' || k->type == 'u') && named > 0 && matched == named && named == k->column_count) {
			q->conflict = k;
			return true;
		}
	}
	return error_field(
		err, STR("on_conflict"), "does not name the columns of a unique constraint of this resource");
}

static const struct {
	struct str name;
	int takes;
} words[] = {
	{ STR("select"), TAKES_SELECT },
	{ STR("order"), TAKES_ORDER },
	{ STR("limit"), TAKES_PAGE },
	{ STR("offset"), TAKES_PAGE },
	{ STR("cursor"), TAKES_PAGE },
	{ STR("columns"), TAKES_COLUMNS },
	{ STR("on_conflict"), TAKES_CONFLICT },
};
enum {
	WORD_SELECT,
	WORD_ORDER,
	WORD_LIMIT,
	WORD_OFFSET,
	WORD_CURSOR,
	WORD_COLUMNS,
	WORD_CONFLICT,
	WORD_COUNT
};
static_assert(COUNT_OF(words) == WORD_COUNT, "every word has its place");

static bool parse_word(struct query *q, struct arena *a, size_t word, struct str value, struct error *err)
{
	switch (word) {
	case WORD_SELECT:
		return parse_select(q, a, value, err);
	case WORD_ORDER:
		return parse_order(q, value, err);
	case WORD_LIMIT:
		q->has_limit = true;
		return parse_number(words[word].name, value, LIMIT_PAGE, &q->limit, err);
	case WORD_OFFSET:
		return parse_number(words[word].name, value, QUERY_OFFSET, &q->offset, err);
	case WORD_CURSOR:
		q->cursor = value;
		return !str_is_empty(value) || error_field(err, words[word].name, "is empty");
	case WORD_COLUMNS:
		return parse_columns(q, a, value, err);
	default:
		return parse_conflict(q, value, err);
	}
}

/* Parses one parameter. The caller goes on after a refusal, so that all bad parameters are named at once. */
static void parse_param(struct query *q, struct arena *a, const struct query_param *params, size_t i,
	int takes, struct error *err)
{
	bool parsed;
	size_t word = 0;
	while (word < WORD_COUNT && !str_eq(words[word].name, params[i].name))
		word++;
	if (word == WORD_COUNT && takes & TAKES_FILTERS) {
		parsed = filter_parse(q, a, params[i].name, params[i].value, err);
	} else if (word == WORD_COUNT || !(words[word].takes & takes)) {
		parsed = error_field(err, params[i].name, "is not a parameter here");
	} else {
		parsed = true;
		for (size_t j = 0; j < i && parsed; j++)
			parsed =
				!str_eq(params[j].name, params[i].name) || error_field(err, params[i].name, "is given twice");
		parsed = parsed && parse_word(q, a, word, params[i].value, err);
	}
	(void)parsed; /* the refusal is in err */
}

/* What a cursor is bound to. Two requests have the same binding only when they list the same rows in the same order. */
static struct str binding_of(
	struct arena *a, const struct resource *r, const struct query_param *params, size_t count)
{
	struct buf b;
	buf_init(&b, a, LIMIT_URI * 2);
	buf_add(&b, r->name);
	for (size_t i = 0; i < count; i++) {
		static const int free_words[] = { WORD_SELECT, WORD_LIMIT, WORD_OFFSET, WORD_CURSOR };
		bool is_free = false;
		for (size_t w = 0; w < COUNT_OF(free_words); w++)
			is_free = is_free || str_eq(words[free_words[w]].name, params[i].name);
		if (is_free)
			continue;
		buf_printf(&b, "\n%zu %zu ", params[i].name.len, params[i].value.len);
		buf_add(&b, params[i].name);
		buf_add(&b, params[i].value);
	}
	if (!buf_ok(&b))
		BUG("the parameters of a request take more than %d bytes", LIMIT_URI * 2);
	return buf_str(&b);
}

bool query_parse(struct query *q, struct arena *a, const struct resource *r, const struct query_param *params,
	size_t count, int takes, struct error *err)
{
	*q = (struct query){
		.resource = r,
		.root = { .kind = FILTER_AND },
		.limit = LIMIT_PAGE,
		.cursor = STR(""),
		.binding = STR(""),
	};
	for (size_t i = 0; i < count; i++)
		parse_param(q, a, params, i, takes, err);
	if (err->field_count > 0)
		return false;
	if (!str_is_empty(q->cursor) && q->offset > 0)
		return error_field(err, STR("offset"), "cannot be given with a cursor");
	if (q->is_ordered || takes & TAKES_PAGE) {
		bool has_key = false;
		for (size_t i = 0; i < q->order_count; i++)
			has_key = has_key || q->order[i].column == r->key;
		if (!has_key)
			q->order[q->order_count++] = (struct ordered){ .column = r->key };
		q->binding = binding_of(a, r, params, count);
	}
	return true;
}
