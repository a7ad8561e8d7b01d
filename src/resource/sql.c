/*
 * The parts that statements have in common. This is the only file that prints names and the numbers of parameters. It
 * must never print a value.
 */
#include "sql.h"

enum { SQL_MAX = 256 * 1024 };

void sql_begin(struct sql *s, struct arena *a, const struct query *q, const struct resource *r)
{
	*s = (struct sql){ .arena = a, .query = q, .resource = r, .built = ARENA_NEW(a, struct built) };
	buf_init(&s->text, a, SQL_MAX);
}

const struct built *sql_end(struct sql *s)
{
	if (!buf_ok(&s->text))
		BUG("a statement on \"%.*s\" of more than %d bytes", STR_ARG(s->resource->name), SQL_MAX);
	s->built->sql = buf_str(&s->text);
	return s->built;
}

void sql_add(struct sql *s, const char *text)
{
	buf_add_c(&s->text, text);
}

void sql_name(struct sql *s, struct str quoted)
{
	buf_add(&s->text, quoted);
}

void sql_value(struct sql *s, struct value value)
{
	if (s->built->count == BUILT_PARAMS)
		BUG("a statement on \"%.*s\" with more than %d values", STR_ARG(s->resource->name), BUILT_PARAMS);
	s->built->values[s->built->count++] = value;
	buf_printf(&s->text, "$%zu", s->built->count + 2);
}

void sql_again(struct sql *s, size_t *place, struct value value)
{
	if (*place == 0) {
		sql_value(s, value);
		*place = s->built->count + 2;
		return;
	}
	sql_number(s, "$", *place);
}

void sql_number(struct sql *s, const char *before, size_t number)
{
	buf_printf(&s->text, "%s%zu", before, number);
}

void sql_cast(struct sql *s, struct value value, struct str cast)
{
	sql_value(s, value);
	sql_add(s, "::");
	sql_name(s, cast);
}

void sql_column(struct sql *s, const struct column *c)
{
	sql_add(s, "t.");
	sql_name(s, c->quoted);
}

void sql_compare(struct sql *s, const struct column *c, const char *op)
{
	sql_column(s, c);
	if (str_is_empty(c->operators)) {
		buf_printf(&s->text, " %s ", op);
		return;
	}
	sql_add(s, " OPERATOR(");
	sql_name(s, c->operators);
	buf_printf(&s->text, ".%s) ", op);
}

void sql_tenant(struct sql *s)
{
	sql_add(s, "t.tenant_id = $1 AND t.env = $2");
}

void sql_id(struct sql *s, struct str id)
{
	sql_add(s, " AND ");
	sql_compare(s, s->resource->key, "=");
	sql_cast(s, VALUE(id), s->resource->key->cast);
}

static void add_path(struct sql *s, const struct json_path *p)
{
	sql_add(s, "(");
	sql_column(s, p->of);
	sql_add(s, p->as_text ? " #>> " : " #> ");
	sql_value(s, VALUE(p->keys));
	sql_add(s, "::text[])");
}

static void add_tested(struct sql *s, const struct filter *f, const char *op)
{
	if (!f->path) {
		sql_compare(s, f->column, op);
		return;
	}
	add_path(s, f->path);
	buf_printf(&s->text, " %s ", op);
}

static void add_test(struct sql *s, const struct filter *f)
{
	bool is_list = f->test == TEST_IN || f->quantifier != QUANTIFIER_NONE;
	if (f->test == TEST_IS) {
		if (f->path)
			add_path(s, f->path);
		else
			sql_column(s, f->column);
		sql_add(s, " IS ");
		sql_name(s, f->value); /* one of five words of operand.c */
		return;
	}
	/* IS DISTINCT FROM would look for the operator = in the search path. So the test is written with the type's own
	 * operator instead: (a = b) IS NOT TRUE. */
	if (f->test == TEST_ISDISTINCT)
		sql_add(s, "(");
	add_tested(s, f, test_sql(f->test));
	if (is_list)
		sql_add(s, f->quantifier == QUANTIFIER_ALL ? "ALL (" : "ANY (");
	sql_cast(s, VALUE(f->value), is_list ? f->column->list_cast : f->column->cast);
	if (is_list)
		sql_add(s, ")");
	if (f->test == TEST_ISDISTINCT)
		sql_add(s, ") IS NOT TRUE");
}

/* Groups nest at most QUERY_DEPTH deep. */
static void add_filter(struct sql *s, const struct filter *f)
{
	sql_add(s, f->is_negated ? "NOT (" : "(");
	if (f->kind == FILTER_TEST)
		add_test(s, f);
	for (const struct filter *item = f->first; item; item = item->next) {
		if (item != f->first)
			sql_add(s, f->kind == FILTER_OR ? " OR " : " AND ");
		add_filter(s, item);
	}
	sql_add(s, ")");
}

void sql_where(struct sql *s)
{
	sql_tenant(s);
	for (const struct filter *f = s->query->root.first; f; f = f->next) {
		sql_add(s, " AND ");
		add_filter(s, f);
	}
}

void sql_row(struct sql *s)
{
	const struct query *q = s->query;
	if (q->select_count == 0) {
		/* t alone would mean a column of that name if there is one. */
		sql_add(s, "row_to_json(t.*)");
		return;
	}
	sql_add(s, "(SELECT row_to_json(x.*) FROM (SELECT ");
	for (size_t i = 0; i < q->select_count; i++) {
		const struct selected *selected = &q->select[i];
		if (i > 0)
			sql_add(s, ", ");
		if (selected->path)
			add_path(s, selected->path);
		else
			sql_column(s, selected->column);
		if (selected->path || !str_eq(selected->name, selected->column->name)) {
			sql_add(s, " AS \"");
			sql_name(s, selected->name); /* letters, digits and _: query.c */
			sql_add(s, "\"");
		}
	}
	sql_add(s, ") x)");
}

void sql_order(struct sql *s)
{
	const struct query *q = s->query;
	if (q->order_count > 0)
		sql_add(s, " ORDER BY ");
	for (size_t i = 0; i < q->order_count; i++) {
		const struct ordered *o = &q->order[i];
		if (i > 0)
			sql_add(s, ", ");
		sql_column(s, o->column);
		if (o->is_descending)
			sql_add(s, " DESC");
		/* NULLS … is written only when it differs from PostgreSQL's default, because indexes have the default order. */
		if (o->column->is_nullable && o->nulls_first != o->is_descending)
			sql_add(s, o->nulls_first ? " NULLS FIRST" : " NULLS LAST");
	}
}
