/* The statements that read rows. */
#include "sql.h"

static bool runs_foreign(const struct query *q)
{
	return q->resource->read_runs_code;
}

/* The ETag of a view's row is its version, and updated_at as well if the view has that column. */
static void add_etag(struct sql *s)
{
	const struct column *updated = resource_column(s->resource, STR("updated_at"));
	if (!s->resource->has_etag)
		sql_add(s, ", NULL");
	else if (s->resource->is_view && (!updated || updated->kind != KIND_TIMESTAMPTZ))
		sql_add(s, ", t.version::text");
	else
		sql_add(s, ", " SQL_ETAG);
}

/* True when the keys can be compared as one row value, (a, b) > (1, 2), for which PostgreSQL can use an index. */
static bool is_one_comparison(const struct query *q)
{
	for (size_t i = 0; i < q->order_count; i++)
		if (q->order[i].column->is_nullable || q->order[i].is_descending != q->order[0].is_descending ||
			!str_is_empty(q->order[i].column->operators))
			return false;
	return true;
}

static void add_row_comparison(struct sql *s, const struct keyset *k)
{
	const struct query *q = s->query;
	for (int side = 0; side < 2; side++) {
		sql_add(s, side == 0 ? "(" : q->order[0].is_descending ? ") < (" : ") > (");
		for (size_t i = 0; i < q->order_count; i++) {
			if (i > 0)
				sql_add(s, ", ");
			if (side == 0)
				sql_column(s, q->order[i].column);
			else
				sql_cast(s, k->values[i], q->order[i].column->cast);
		}
	}
	sql_add(s, ")");
}

/* A key of the cursor. It is used in several places but is one parameter, since the number of parameters is bounded. */
struct key {
	const struct ordered *ordered;
	struct value value;
	size_t place;
};

static void add_key(struct sql *s, struct key *k)
{
	sql_again(s, &k->place, k->value);
	sql_add(s, "::");
	sql_name(s, k->ordered->column->cast);
}

static void add_equal(struct sql *s, struct key *k)
{
	if (k->value.is_null) {
		sql_column(s, k->ordered->column);
		sql_add(s, " IS NULL");
		return;
	}
	sql_compare(s, k->ordered->column, "=");
	add_key(s, k);
}

static void add_behind(struct sql *s, struct key *k)
{
	const struct ordered *o = k->ordered;
	if (k->value.is_null && !o->nulls_first) {
		sql_add(s, "false");
		return;
	}
	sql_add(s, "(");
	if (k->value.is_null) {
		sql_column(s, o->column);
		sql_add(s, " IS NOT NULL)");
		return;
	}
	sql_compare(s, o->column, o->is_descending ? "<" : ">");
	add_key(s, k);
	if (o->column->is_nullable && !o->nulls_first) {
		sql_add(s, " OR ");
		sql_column(s, o->column);
		sql_add(s, " IS NULL");
	}
	sql_add(s, ")");
}

/* Selects the rows after that of the cursor: for each key, those that are equal in all keys before it and come after in
 * this one. */
static void add_keyset(struct sql *s, const struct keyset *behind)
{
	const struct query *q = s->query;
	struct key keys[COUNT_OF(behind->values)];
	sql_add(s, " AND ");
	if (is_one_comparison(q)) {
		add_row_comparison(s, behind);
		return;
	}
	for (size_t i = 0; i < q->order_count; i++)
		keys[i] = (struct key){ &q->order[i], behind->values[i], 0 };
	for (size_t i = 0; i < q->order_count; i++) {
		sql_add(s, i > 0 ? " OR (" : "((");
		for (size_t j = 0; j < i; j++) {
			add_equal(s, &keys[j]);
			sql_add(s, " AND ");
		}
		add_behind(s, &keys[i]);
		sql_add(s, ")");
	}
	sql_add(s, ")");
}

static struct value number(struct arena *a, int64_t n)
{
	return VALUE(arena_printf(a, "%lld", (long long)n));
}

const struct built *build_list(struct arena *a, const struct query *q, const struct keyset *behind)
{
	struct sql s;
	sql_begin(&s, a, q, q->resource);
	sql_add(&s, "SELECT ");
	sql_row(&s);
	for (size_t i = 0; i < q->order_count; i++) {
		sql_add(&s, ", ");
		sql_column(&s, q->order[i].column);
		sql_add(&s, "::text");
	}
	sql_add(&s, " FROM ");
	sql_name(&s, q->resource->table);
	sql_add(&s, " t WHERE ");
	sql_where(&s);
	if (behind)
		add_keyset(&s, behind);
	sql_order(&s);
	sql_add(&s, " LIMIT ");
	sql_value(&s, number(a, q->limit + 1));
	if (q->offset > 0) {
		sql_add(&s, " OFFSET ");
		sql_value(&s, number(a, q->offset));
	}
	s.built->runs_foreign = runs_foreign(q);
	s.built->is_common = q->select_count == 0 && q->test_count == 0 && !q->is_ordered;
	s.built->is_selective = q->test_count > 0 || q->is_ordered;
	return sql_end(&s);
}

const struct built *build_count(struct arena *a, const struct query *q)
{
	struct sql s;
	sql_begin(&s, a, q, q->resource);
	sql_add(&s, "SELECT count(*) FROM ");
	sql_name(&s, q->resource->table);
	sql_add(&s, " t WHERE ");
	sql_where(&s);
	s.built->runs_foreign = runs_foreign(q);
	s.built->is_common = q->test_count == 0;
	s.built->is_selective = q->test_count > 0;
	return sql_end(&s);
}

const struct built *build_get(struct arena *a, const struct query *q, struct str id)
{
	struct sql s;
	sql_begin(&s, a, q, q->resource);
	sql_add(&s, "SELECT ");
	sql_row(&s);
	add_etag(&s);
	sql_add(&s, " FROM ");
	sql_name(&s, q->resource->table);
	sql_add(&s, " t WHERE ");
	sql_tenant(&s);
	sql_id(&s, id);
	if (q->resource->is_view)
		sql_add(&s, " LIMIT 2");
	s.built->runs_foreign = runs_foreign(q);
	s.built->is_common = q->select_count == 0;
	return sql_end(&s);
}
