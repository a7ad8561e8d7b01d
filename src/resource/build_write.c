/*
 * The statements that write. Each is a single statement, WITH done AS (the write) SELECT the answer, so that nothing can
 * change between finding the rows and writing them. Conditions on the outcome are part of the statement
 * (tenantd.demand): when one is not met, the transaction fails.
 */
#include "sql.h"

static bool is_said(const struct input *in, const struct resource *r, size_t i)
{
	return in->has[i] && &r->columns[i] != r->key;
}

/* True for a create by callers that may not read what they create, for example when a member creates what only an admin
 * reads: then nothing about the row can be returned. It is false for a write that may change an existing row, because
 * PostgreSQL then requires that the caller can read it. */
static bool is_blind(const struct sql *s, const struct write *w)
{
	return !w->wants_rows && str_is_empty(w->id) && w->resolution == RESOLUTION_NONE &&
		s->resource->least[OPERATION_CREATE] < s->resource->least[OPERATION_READ];
}

/* json_to_recordset($n::json) AS j(name type, …) with the columns that the input has. With with_row there is also e(j),
 * each row of the input as JSON. */
static void add_records(struct sql *s, const struct input *in, bool with_key, bool with_row)
{
	const struct resource *r = s->resource;
	bool any = false;
	sql_add(s, with_row ? "json_array_elements(" : "json_to_recordset(");
	sql_value(s, VALUE(in->json));
	sql_add(s, with_row ? "::json) AS e(j), json_to_record(e.j) AS j(" : "::json) AS j(");
	for (size_t i = 0; i < r->column_count; i++) {
		if (!(with_key ? in->has[i] : is_said(in, r, i)))
			continue;
		sql_add(s, any ? ", " : "");
		sql_name(s, r->columns[i].quoted);
		sql_add(s, " ");
		sql_name(s, r->columns[i].type);
		any = true;
	}
	if (!any) {
		sql_name(s, r->key->quoted); /* PostgreSQL requires a column; this one is not used */
		sql_add(s, " ");
		sql_name(s, r->key->type);
	}
	sql_add(s, ")");
}

/* Requires a number of affected rows; otherwise the statement fails with the SQLSTATE `state`. */
static void add_demand(struct sql *s, const char *compared, int64_t rows, const char *state)
{
	sql_add(s, ", tenantd.demand(a.affected ");
	sql_add(s, compared);
	sql_add(s, " ");
	sql_value(s, VALUE(arena_printf(s->arena, "%lld", (long long)rows)));
	sql_add(s, "::bigint, '");
	sql_add(s, state);
	sql_add(s, "')");
}

/* The end of every write: the answer, which is made from `done`. */
static void add_answer(struct sql *s, const struct write *w, bool is_create, int64_t rows)
{
	const struct resource *r = s->resource;
	bool is_blind_create = is_create && is_blind(s, w);
	sql_add(s, ") SELECT a.body, a.affected, a.created, a.row_key, a.etag");
	if (!str_is_empty(w->id) && (!str_is_empty(w->if_match) || w->if_any)) {
		sql_add(s, ", EXISTS (SELECT 1 FROM ");
		sql_name(s, r->table);
		sql_add(s, " t WHERE ");
		sql_tenant(s);
		sql_id(s, w->id);
		sql_add(s, ")");
	} else {
		sql_add(s, ", NULL::boolean");
	}
	if (!str_is_empty(w->remember)) {
		sql_add(s, ", tenantd.idempotency_keep(");
		sql_value(s, VALUE(w->remember));
		sql_add(s, "::text, a.body, a.affected, a.created, a.row_key, a.etag)");
	}
	if (w->wants_one)
		sql_add(s, ", tenantd.demand(a.affected > 0, 'TD406'), tenantd.demand(a.affected < 2, 'TD017')");
	if (rows >= 0)
		add_demand(s, "=", rows, "TD404");
	if (w->has_most)
		add_demand(s, "<=", w->most, "TD017");
	sql_add(s, " FROM (SELECT ");
	if (is_blind_create) {
		sql_add(s,
			"NULL::text AS body, 1::bigint AS affected, 1::bigint AS created, NULL::text AS row_key,"
			" NULL::text AS etag) a");
		return;
	}
	if (w->wants_rows) {
		sql_add(s, "coalesce(json_agg(");
		sql_row(s);
		sql_order(s);
		sql_add(s, "), '[]')::text AS body");
	} else {
		sql_add(s, "NULL::text AS body");
	}
	sql_add(s, ", count(*) AS affected, count(*) FILTER (WHERE t.version = 1) AS created, min(");
	sql_column(s, r->key);
	sql_add(s, "::text) AS row_key, min(" SQL_ETAG ") AS etag FROM done t) a");
}

static void add_returning(struct sql *s, const struct write *w, bool is_create)
{
	s->built->runs_foreign = s->resource->write_runs_code || s->resource->read_runs_code;
	if (!(is_create && is_blind(s, w)))
		sql_add(s, " RETURNING t.*");
}

/* INSERT INTO table AS t (tenant_id, env, user_id, the key from the path, the columns of the input) */
static void add_insert_head(struct sql *s, const struct write *w, const struct input *in)
{
	const struct resource *r = s->resource;
	sql_add(s, "WITH done AS (INSERT INTO ");
	sql_name(s, r->table);
	sql_add(s, " AS t (tenant_id, env");
	if (r->is_user_scoped)
		sql_add(s, ", user_id");
	if (!str_is_empty(w->id)) {
		sql_add(s, ", ");
		sql_name(s, r->key->quoted);
	}
	for (size_t i = 0; i < r->column_count; i++) {
		if (!(str_is_empty(w->id) ? in->has[i] : is_said(in, r, i)))
			continue;
		sql_add(s, ", ");
		sql_name(s, r->columns[i].quoted);
	}
}

/* The names of all columns as a JSON array. To test whether a row has a column, its name is needed as a value, and
 * values must be parameters. */
static struct value column_names(struct sql *s)
{
	struct buf b;
	buf_init(&b, s->arena, LIMIT_RESPONSE);
	for (size_t i = 0; i < s->resource->column_count; i++) {
		buf_add_char(&b, i > 0 ? ',' : '[');
		buf_add_json(&b, s->resource->columns[i].name);
	}
	buf_add_char(&b, ']');
	return VALUE(buf_str(&b));
}

/* True when a row that does not have this column gets the column's default and not null. */
static bool becomes_default(const struct column *c, const struct write *w, bool is_lacking)
{
	return is_lacking && !str_is_empty(c->standard) && (w->missing_default || !c->is_nullable);
}

static void add_insert(struct sql *s, const struct write *w, const struct input *in)
{
	const struct resource *r = s->resource;
	bool has_path = !str_is_empty(w->id), asks_row = false;
	size_t names = 0; /* the parameter that lists the columns */
	add_insert_head(s, w, in);
	sql_add(s, ") SELECT $1::uuid, $2::tenantd.env");
	if (r->is_user_scoped)
		sql_add(s, ", (SELECT c.user_id FROM tenantd.context() c)");
	if (has_path) {
		sql_add(s, ", ");
		sql_cast(s, VALUE(w->id), r->key->cast);
	}
	for (size_t i = 0; i < r->column_count; i++) {
		const struct column *c = &r->columns[i];
		if (!(has_path ? is_said(in, r, i) : in->has[i]))
			continue;
		bool falls_back = becomes_default(c, w, in->lacks[i]);
		asks_row = asks_row || falls_back;
		if (falls_back) {
			sql_add(s, ", CASE WHEN e.j::jsonb ? (");
			sql_again(s, &names, column_names(s));
			sql_number(s, "::json ->> ", i);
			sql_add(s, ") THEN j.");
		} else {
			sql_add(s, ", j.");
		}
		sql_name(s, c->quoted);
		if (falls_back) {
			sql_add(s, " ELSE ");
			sql_name(s, c->standard); /* as pg_get_expr prints it */
			sql_add(s, " END");
		}
	}
	sql_add(s, " FROM ");
	add_records(s, in, !has_path, asks_row);
}

/* ON CONFLICT …. A row of another tenant cannot conflict, because every key begins with the tenant. */
static void add_conflict(struct sql *s, const struct input *in, bool is_replace, bool does_nothing)
{
	const struct resource *r = s->resource;
	size_t set = 0;
	sql_add(s, " ON CONFLICT ");
	if (s->query->conflict) {
		sql_name(s, s->query->conflict->arbiter);
	} else {
		sql_add(s, "(tenant_id, ");
		sql_name(s, r->key->quoted);
		sql_add(s, ")");
	}
	for (size_t i = 0; i < r->column_count && !does_nothing; i++) {
		const struct column *c = &r->columns[i];
		if (!c->may_update || !(is_replace || in->has[i]))
			continue;
		sql_add(s, set++ > 0 ? ", " : " DO UPDATE SET ");
		sql_name(s, c->quoted);
		sql_add(s, " = excluded.");
		sql_name(s, c->quoted);
	}
	if (set == 0) {
		sql_add(s, " DO NOTHING");
		return;
	}
	sql_add(s, " WHERE ");
	sql_tenant(s);
}

const struct built *build_create(
	struct arena *a, const struct query *q, const struct write *w, const struct input *in)
{
	struct sql s;
	sql_begin(&s, a, q, q->resource);
	add_insert(&s, w, in);
	if (w->resolution != RESOLUTION_NONE)
		add_conflict(&s, in, false, w->resolution == RESOLUTION_IGNORE);
	add_returning(&s, w, true);
	add_answer(&s, w, true, -1);
	return sql_end(&s);
}

/* The conditions for the row of the path, and for its ETag if If-Match names some. */
static void add_matching(struct sql *s, const struct write *w)
{
	sql_tenant(s);
	sql_id(s, w->id);
	if (str_is_empty(w->if_match))
		return;
	sql_add(s, " AND " SQL_ETAG " = ANY (");
	sql_value(s, VALUE(w->if_match));
	sql_add(s, "::text[])");
}

/* When the only filter is a list of keys, the number of keys: each of those rows must exist (T34). Otherwise -1. */
static int64_t rows_named(const struct query *q)
{
	const struct filter *f = q->root.first;
	if (!f || f->next || f->kind != FILTER_TEST || f->is_negated || f->column != q->resource->key ||
		f->quantifier != QUANTIFIER_NONE || (f->test != TEST_EQ && f->test != TEST_IN))
		return -1;
	return (int64_t)f->value_count;
}

static const struct built *finish(struct sql *s, const struct write *w)
{
	bool has_path = !str_is_empty(w->id);
	add_returning(s, w, false);
	add_answer(s, w, false, has_path ? -1 : rows_named(s->query));
	s->built->is_selective = !has_path && s->query->test_count > 0;
	return sql_end(s);
}

static const struct built *update(
	struct sql *s, const struct write *w, const struct input *in, bool is_replace)
{
	const struct resource *r = s->resource;
	size_t set = 0;
	sql_add(s, "WITH done AS (UPDATE ");
	sql_name(s, r->table);
	sql_add(s, " t SET ");
	for (size_t i = 0; i < r->column_count; i++) {
		const struct column *c = &r->columns[i];
		if (!c->may_update || !(is_replace || in->has[i]))
			continue;
		sql_add(s, set++ > 0 ? ", " : "");
		sql_name(s, c->quoted);
		sql_add(s, in->has[i] ? " = j." : " = DEFAULT");
		if (in->has[i])
			sql_name(s, c->quoted);
	}
	sql_add(s, " FROM ");
	add_records(s, in, false, false);
	sql_add(s, " WHERE ");
	if (str_is_empty(w->id))
		sql_where(s);
	else
		add_matching(s, w);
	return finish(s, w);
}

const struct built *build_change(
	struct arena *a, const struct query *q, const struct write *w, const struct input *in)
{
	struct sql s;
	sql_begin(&s, a, q, q->resource);
	return update(&s, w, in, false);
}

const struct built *build_replace(
	struct arena *a, const struct query *q, const struct write *w, const struct input *in)
{
	struct sql s;
	sql_begin(&s, a, q, q->resource);
	if (!str_is_empty(w->if_match) || w->if_any)
		return update(&s, w, in, true);
	add_insert(&s, w, in);
	add_conflict(&s, in, true, w->if_absent);
	add_returning(&s, w, true);
	add_answer(&s, w, true, -1);
	return sql_end(&s);
}

const struct built *build_remove(struct arena *a, const struct query *q, const struct write *w)
{
	struct sql s;
	sql_begin(&s, a, q, q->resource);
	sql_add(&s, "WITH done AS (DELETE FROM ");
	sql_name(&s, q->resource->table);
	sql_add(&s, " t WHERE ");
	if (str_is_empty(w->id))
		sql_where(&s);
	else
		add_matching(&s, w);
	s.built->is_common = !str_is_empty(w->id) && q->select_count == 0;
	return finish(&s, w);
}

/* Requires that the row exists, so that the function is never called without one. */
static void add_row_of_action(struct sql *s, const struct write *w)
{
	sql_add(s, "(SELECT tenantd.demand(EXISTS (SELECT 1 FROM ");
	sql_name(s, s->resource->table);
	sql_add(s, " t WHERE ");
	sql_tenant(s);
	sql_id(s, w->id);
	sql_add(s, "), 'TD404') OFFSET 0) d LEFT JOIN ");
}

const struct built *build_action(struct arena *a, const struct resource *r, const struct action *action,
	const struct write *w, struct str body)
{
	struct sql s;
	bool on_row = !action->is_on_collection;
	sql_begin(&s, a, NULL, r);
	sql_add(&s, "SELECT a.body, 1, 0, NULL, NULL, NULL");
	if (!str_is_empty(w->remember)) {
		sql_add(&s, ", tenantd.idempotency_keep(");
		sql_value(&s, VALUE(w->remember));
		sql_add(&s, "::text, a.body, 1, 0, NULL, NULL)");
	}
	sql_add(&s, " FROM ");
	if (on_row)
		add_row_of_action(&s, w);
	sql_add(&s, "(SELECT ");
	sql_name(&s, action->function);
	sql_add(&s, "(");
	if (on_row)
		sql_column(&s, r->key);
	if (action->takes_body) {
		sql_add(&s, on_row ? ", " : "");
		sql_value(&s, value_or_null(body));
		sql_add(&s, "::json");
	}
	sql_add(&s, ")::text AS body");
	if (on_row) {
		sql_add(&s, " FROM ");
		sql_name(&s, r->table);
		sql_add(&s, " t WHERE ");
		sql_tenant(&s);
		sql_id(&s, w->id);
	} else {
		/* There is no row to restrict by tenant here. The row policies of the tables that the function reads do that. */
		sql_add(&s, " WHERE $1::uuid IS NOT NULL AND $2::tenantd.env IS NOT NULL");
	}
	sql_add(&s, on_row ? " OFFSET 0) a ON true" : " OFFSET 0) a");
	s.built->is_common = true;
	s.built->runs_foreign = true;
	return sql_end(&s);
}
