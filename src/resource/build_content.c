/*
 * The statements on the content of a row. It is kept in a table of its own, which has the key of the row and, like any
 * other table, is used only with the condition on the tenant. They must never write content for a row that the caller
 * cannot see.
 */
#include "sql.h"

/* The SHA-256 in hex. It is taken from the table when that has a column for it that callers cannot write. */
static void add_sha256(struct sql *s)
{
	const struct column *kept = resource_column(s->resource, STR("sha256"));
	bool is_kept = kept && kept->kind == KIND_TEXT && !kept->may_insert && !kept->may_update;
	if (is_kept) {
		sql_add(s, "CASE WHEN ");
		sql_column(s, kept);
		sql_add(s, " ~ '^[0-9a-f]{64}$' THEN ");
		sql_column(s, kept);
		sql_add(s, " ELSE ");
	}
	sql_add(s, "pg_catalog.encode(pg_catalog.sha256(t.content), 'hex')");
	sql_add(s, is_kept ? " END" : "");
}

/* `before` (FROM and the like), the table, `between`, and then the conditions for one row of it. */
static void add_row(struct sql *s, const char *before, const char *between, struct str id)
{
	sql_add(s, before);
	sql_name(s, s->resource->table);
	sql_add(s, between);
	sql_tenant(s);
	sql_id(s, id);
}

static struct value number_of(struct sql *s, int64_t n)
{
	return VALUE(arena_printf(s->arena, "%lld", (long long)n));
}

/* A subquery with `start` and `stop`: the bytes from `start` up to before `stop` are sent, which is all of them or the
 * part of the range that exists. */
static void add_range(struct sql *s, const struct content_ask *ask)
{
	size_t from = 0;
	struct value start = ask->is_range ? number_of(s, ask->from) : VALUE_NULL;
	sql_add(s, "(SELECT f.*, p.part, CASE WHEN p.part THEN least(f.size, CASE WHEN ");
	sql_again(s, &from, start);
	sql_add(s, "::bigint < 0 THEN greatest(0, f.size + ");
	sql_again(s, &from, start);
	sql_add(s, "::bigint) ELSE ");
	sql_again(s, &from, start);
	sql_add(s, "::bigint END)::int ELSE 0 END AS start, CASE WHEN p.part THEN least(f.size, ");
	sql_value(s, number_of(s, ask->upto));
	sql_add(s, "::bigint)::int ELSE f.size END AS stop, ARRAY[f.sha256, '*'] && ");
	sql_value(s, VALUE(ask->known));
	sql_add(s, "::text[] AS known FROM f, LATERAL (SELECT ");
	sql_again(s, &from, start);
	sql_add(s, "::bigint IS NOT NULL AND ");
	sql_value(s, VALUE(ask->range_of));
	sql_add(s, "::text IN ('', f.sha256) AS part) p) g");
}

/* Decompresses a compressed value once. Otherwise PostgreSQL would decompress everything before each piece to get that
 * piece. */
static void add_content(struct sql *s, const struct content_ask *ask)
{
	if (ask->is_head)
		sql_add(s, "NULL::bytea");
	else
		sql_add(s,
			"CASE WHEN pg_column_size(t.content) < octet_length(t.content) THEN t.content || ''::bytea "
			"ELSE t.content END");
}

const struct built *build_content_get(
	struct arena *a, const struct resource *r, const struct content_ask *ask, struct row_taker taker)
{
	struct sql s;
	sql_begin(&s, a, NULL, r->content);
	sql_add(&s, "WITH f AS MATERIALIZED (SELECT ");
	add_content(&s, ask);
	sql_add(&s, " AS content, t.content_type, octet_length(t.content) AS size, ");
	add_sha256(&s);
	add_row(&s, " AS sha256 FROM ", " t WHERE t.content IS NOT NULL AND ", ask->id);
	/* The rows are pieces, so that no buffer on the way grows to the size of the whole. */
	sql_number(&s,
		") SELECT g.sha256, g.content_type, g.size::text, g.part::text, g.known::text,"
		" coalesce(n.i, g.start)::text, g.stop::text, CASE WHEN n.i IS NULL THEN ''::bytea ELSE "
		"substring(g.content FROM n.i + 1 FOR "
		"least(",
		LIMIT_MEDIA_PIECE);
	sql_add(&s, ", g.stop - n.i)) END FROM ");
	add_range(&s, ask);
	sql_number(&s, " LEFT JOIN LATERAL generate_series(g.start, g.stop - 1, ", LIMIT_MEDIA_PIECE);
	sql_add(&s, ask->is_head ? ") n (i) ON false" : ") n (i) ON NOT g.known");
	s.built->is_common = s.built->is_binary = true;
	s.built->taker = taker;
	return sql_end(&s);
}

const struct built *build_content_piece(struct arena *a, const struct resource *r, const struct content *c)
{
	struct sql s;
	sql_begin(&s, a, NULL, r->content);
	sql_add(&s,
		"INSERT INTO tenantd.content_pieces (tenant_id, env, number, bytes)"
		" VALUES ($1::uuid, $2::tenantd.env, $3::integer, $4::bytea)");
	s.built->is_common = true;
	s.built->each = c->stream;
	return sql_end(&s);
}

/* The bytes to be stored. Those of a stream were stored as pieces earlier in this transaction and are joined here. */
static void add_bytes(struct sql *s, const struct content *c)
{
	if (c->stream) {
		sql_add(s,
			"(SELECT string_agg(p.bytes, '' ORDER BY p.number) FROM tenantd.content_pieces p"
			" WHERE p.tenant_id = $1 AND p.env = $2)");
		return;
	}
	sql_value(s, VALUE_BINARY(c->bytes));
	sql_add(s, "::bytea");
}

/* Begins the WITH clause, in which the pieces of a stream are deleted. */
static void begin_put(struct sql *s, struct arena *a, const struct resource *r, const struct content *c)
{
	sql_begin(s, a, NULL, r->content);
	sql_add(s, "WITH ");
	if (c->stream)
		sql_add(s, "used AS (DELETE FROM tenantd.content_pieces p WHERE p.tenant_id = $1 AND p.env = $2), ");
}

/* AND the stored content is one that the condition names. */
static void add_condition(struct sql *s, const struct content *c)
{
	if (str_is_empty(c->if_match))
		return;
	sql_add(s, " AND ");
	add_sha256(s);
	sql_add(s, " = ANY (");
	sql_value(s, VALUE(c->if_match));
	sql_add(s, "::text[])");
}

static const struct built *finish(
	struct sql *s, const struct resource *r, const struct resource *there, const struct content *c)
{
	s->built->runs_foreign = r->write_runs_code || r->content->write_runs_code;
	sql_add(s, " RETURNING t.version, ");
	add_sha256(s);
	sql_add(s,
		" AS sha256) SELECT count(*), count(*) FILTER (WHERE d.version = 1), min(d.sha256), EXISTS (SELECT "
		"1");
	s->resource = there;
	add_row(s, " FROM ", " t WHERE ", c->id);
	sql_add(s, ") FROM done d");
	s->built->is_common = true;
	return sql_end(s);
}

static void add_insert(struct sql *s, const struct resource *r, const struct content *c)
{
	const struct resource *held = r->content;
	sql_add(s, "done AS (INSERT INTO ");
	sql_name(s, held->table);
	sql_add(s, held->is_user_scoped ? " AS t (tenant_id, env, user_id, " : " AS t (tenant_id, env, ");
	sql_name(s, held->key->quoted);
	sql_add(s, ", content, content_type) SELECT $1::uuid, $2::tenantd.env, ");
	if (held->is_user_scoped)
		sql_add(s, "(SELECT c.user_id FROM tenantd.context() c), ");
	sql_cast(s, VALUE(c->id), held->key->cast);
	sql_add(s, ", ");
	add_bytes(s, c);
	sql_add(s, ", ");
	sql_value(s, VALUE(c->type));
	s->resource = r;
	add_row(s, "::text WHERE EXISTS (SELECT 1 FROM ", " t WHERE ", c->id);
	s->resource = held;
	sql_add(s, ") ON CONFLICT (tenant_id, ");
	sql_name(s, held->key->quoted);
	if (c->if_absent) {
		sql_add(s, ") DO NOTHING");
		return;
	}
	sql_add(s, ") DO UPDATE SET content = excluded.content, content_type = excluded.content_type WHERE ");
	sql_tenant(s);
}

const struct built *build_content_put(struct arena *a, const struct resource *r, const struct content *c)
{
	struct sql s;
	begin_put(&s, a, r, c);
	if (str_is_empty(c->if_match) && !c->if_any) {
		add_insert(&s, r, c);
		return finish(&s, r, r, c);
	}
	sql_add(&s, "done AS (UPDATE ");
	sql_name(&s, r->content->table);
	sql_add(&s, " t SET content = ");
	add_bytes(&s, c);
	sql_add(&s, ", content_type = ");
	sql_value(&s, VALUE(c->type));
	sql_add(&s, "::text WHERE ");
	sql_tenant(&s);
	sql_id(&s, c->id);
	add_condition(&s, c);
	return finish(&s, r, r, c);
}

const struct built *build_content_remove(struct arena *a, const struct resource *r, const struct content *c)
{
	struct sql s;
	sql_begin(&s, a, NULL, r->content);
	add_row(&s, "WITH done AS (DELETE FROM ", " t WHERE ", c->id);
	add_condition(&s, c);
	return finish(&s, r, r->content, c);
}
