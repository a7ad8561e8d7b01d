/*
 * Runs the statements of the resource engine, and reads its catalog. A statement that was built is known by its
 * text, which holds no value; the texts that were seen are kept for the life of the process, so that each is
 * prepared once per connection. There are two tables of bounded size: the shapes that every client uses have
 * one of their own, which no caller can crowd with shapes of their own making. What finds no room is parsed
 * each time.
 */
#include "repo/resources.h"

#include "crypto/digest.h"

#include <stdio.h>
#include <stdlib.h>

enum { TABLE_MAX = 256, TABLE_SLOTS = 2 * TABLE_MAX, NAME_SIZE = 16 };

/* One per resource, in the order of the names: name, table, key column, the four roles, tenant guard,
 * user-scoped, append-only, whose content it is, whether the owner's code runs (triggers on the writes of a table,
 * functions in a view), whether it is a view. */
static const char resources[] =
	"SELECT r.name, format('%I.%I', r.schema_name, r.table_name), r.key_column, r.read_role, r.create_role,"
	" r.update_role, r.delete_role, r.tenant_guard, r.user_scoped, r.append_only, r.content_of,"
	" CASE WHEN c.relkind = 'v' THEN tenantd.view_runs_foreign(c.oid) ELSE"
	" EXISTS (SELECT 1 FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid"
	"  WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND p.pronamespace <> 'tenantd'::regnamespace) END,"
	" c.relkind = 'v'"
	" FROM tenantd.resources r LEFT JOIN pg_class c ON c.oid = to_regclass(format('%I.%I', r.schema_name, "
	"r.table_name))"
	" ORDER BY r.name";

#define RESOURCE_TABLE                                                                                       \
	" FROM tenantd.resources r JOIN pg_namespace n ON n.nspname = r.schema_name"                             \
	" JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = r.table_name"

/* Per column: resource, name, quoted name, type as shown, type of a record's field, cast, cast of a list, kind,
 * length, labels, default, comment, nullable, comparable, insertable, updatable, where its operators are when that is
 * not pg_catalog, kind of an array's elements, digits of a numeric in all and behind the
 * point. A domain is looked at as its base. Texts of any kind are handed over as
 * text, so that their own type's checks of length apply; they are compared as text but where their type compares in a
 * way of its own (citext, blank-padded characters), which is also the way that their indexes and their order have. */
static const char columns[] =
	"SELECT r.name, a.attname, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),"
	" CASE WHEN b.typcategory = 'S' THEN 'text' ELSE format_type(a.atttypid, a.atttypmod) END,"
	" CASE WHEN b.typcategory = 'S' AND own.schema IS NULL AND b.typname <> 'bpchar' THEN 'text' ELSE "
	"format_type(b.oid, -1) END,"
	" CASE WHEN b.typcategory = 'S' AND own.schema IS NULL AND b.typname <> 'bpchar' THEN 'text[]'"
	"  WHEN b.typarray <> 0 THEN format_type(b.typarray, -1) END,"
	" CASE WHEN b.typcategory = 'S' THEN 'string' WHEN b.typcategory = 'A' THEN 'array'"
	"  WHEN b.typtype = 'e' THEN 'enum' WHEN b.typnamespace = 'pg_catalog'::regnamespace THEN b.typname END,"
	" CASE WHEN b.typname IN ('varchar', 'bpchar') AND y.mod > 4 THEN y.mod - 4 END,"
	" (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = b.oid),"
	" coalesce(pg_get_expr(d.adbin, d.adrelid), CASE WHEN t.typtype = 'd' THEN pg_get_expr(t.typdefaultbin, "
	"0) "
	"END),"
	" col_description(c.oid, a.attnum), NOT (a.attnotnull OR t.typtype = 'd' AND t.typnotnull),"
	" own.schema IS NOT NULL OR b.typcategory IN ('S', 'E') OR EXISTS (SELECT 1 FROM pg_opclass o JOIN pg_am "
	"m ON m.oid = o.opcmethod"
	"  WHERE m.amname = 'btree' AND o.opcdefault AND o.opcintype = b.oid AND b.typnamespace = "
	"'pg_catalog'::regnamespace),"
	" a.attgenerated = '' AND has_column_privilege(c.oid, a.attnum, 'INSERT'),"
	" a.attgenerated = '' AND has_column_privilege(c.oid, a.attnum, 'UPDATE'), own.schema,"
	" CASE WHEN b.typcategory = 'A' THEN (SELECT CASE WHEN e.typcategory = 'S' THEN 'string'"
	"  WHEN e.typnamespace = 'pg_catalog'::regnamespace THEN e.typname END FROM pg_type e WHERE e.oid = "
	"b.typelem) END,"
	" CASE WHEN b.typname IN ('numeric', '_numeric') AND y.mod > 4 THEN (y.mod - 4) >> 16 END,"
	" CASE WHEN b.typname IN ('numeric', '_numeric') AND y.mod > 4 THEN (((y.mod - 4) & 2047) # 1024) - 1024 "
	"END" RESOURCE_TABLE " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
	" JOIN pg_type t ON t.oid = a.atttypid"
	" JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END"
	" CROSS JOIN LATERAL (SELECT CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END AS mod) y"
	" LEFT JOIN LATERAL (SELECT quote_ident(n.nspname) AS schema FROM pg_opclass o"
	"  JOIN pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'"
	"  JOIN pg_amop p ON p.amopfamily = o.opcfamily AND p.amopstrategy = 3 AND p.amoplefttype = b.oid"
	"   AND p.amoprighttype = b.oid"
	"  JOIN pg_operator q ON q.oid = p.amopopr JOIN pg_namespace n ON n.oid = q.oprnamespace"
	"  WHERE o.opcdefault AND o.opcintype = b.oid AND n.oid <> 'pg_catalog'::regnamespace"
	"   AND has_schema_privilege(n.oid, 'USAGE')) own ON true"
	" LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum AND a.attgenerated = ''"
	" ORDER BY r.name, a.attnum";

/* Per constraint: resource, name, what names it behind ON CONFLICT, type, its columns beside the tenant's, and of a
 * foreign key the resource and the column it goes to. A unique index is as good as a unique constraint; of a partial
 * one, or one of expressions or that is deferred, only what it says no to is told: it is 'i'. So is what the check of
 * a domain says no to, when one column is of it. */
static const char constraints[] =
	"SELECT r.name, k.conname, format('ON CONSTRAINT %I', k.conname),"
	" CASE WHEN k.contype = 'u' AND k.condeferrable THEN 'i' ELSE k.contype::text END,"
	" coalesce((SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid"
	"  AND a.attnum = ANY (k.conkey) AND a.attname NOT IN ('tenant_id', 'env')), '[]'),"
	" (SELECT x.name FROM tenantd.resources x JOIN pg_namespace xn ON xn.nspname = x.schema_name"
	"  JOIN pg_class xc ON xc.relnamespace = xn.oid AND xc.relname = x.table_name WHERE xc.oid = "
	"k.confrelid),"
	" (SELECT min(a.attname::text) FROM pg_attribute a WHERE a.attrelid = k.confrelid"
	"  AND a.attnum = ANY (k.confkey) AND a.attname NOT IN ('tenant_id', 'env') HAVING count(*) = "
	"1)" RESOURCE_TABLE
	" JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('p', 'u', 'f', 'c', 'x')"
	" UNION ALL SELECT r.name, k.conname, '', k.contype::text, json_agg(a.attname), NULL, NULL" RESOURCE_TABLE
	" JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped"
	" JOIN pg_type t ON t.oid = a.atttypid AND t.typtype = 'd'"
	" JOIN pg_constraint k ON k.contypid IN (t.oid, t.typbasetype)"
	" GROUP BY r.name, k.conname, k.contype HAVING count(*) = 1"
	" UNION ALL SELECT r.name, x.relname,"
	" '(' || (SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute a WHERE a.attrelid = c.oid"
	"  AND a.attnum = ANY (own.key)) || ')',"
	" CASE WHEN i.indpred IS NULL AND i.indimmediate AND i.indisvalid AND 0 <> ALL (own.key) THEN 'u' ELSE "
	"'i' "
	"END,"
	" coalesce((SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid"
	"  AND a.attnum = ANY (own.key) AND a.attname NOT IN ('tenant_id', 'env')), '[]'), NULL, "
	"NULL" RESOURCE_TABLE " JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique"
	" JOIN pg_class x ON x.oid = i.indexrelid,"
	" LATERAL (SELECT (i.indkey::smallint[])[0:i.indnkeyatts - 1] AS key) own"
	" WHERE NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = c.oid)"
	" ORDER BY 1, 2";

/* Per action: resource, name, function, whether it takes a body, least role, tenant guard, whether
 * it is the collection's. */
static const char actions[] =
	"SELECT x.resource, x.name, format('%I.%I', n.nspname, p.proname),"
	" p.pronargs = CASE WHEN x.on_collection THEN 1 ELSE 2 END, x.least_role, x.tenant_guard, x.on_collection"
	" FROM tenantd.resource_actions x JOIN pg_proc p ON p.oid = to_regprocedure(x.signature)"
	" JOIN pg_namespace n ON n.oid = p.pronamespace ORDER BY x.resource, x.name";

bool resources_read(struct db *db, struct arena *a, struct catalog_rows *rows, struct error *err)
{
	return db_query(db, a, resources, NULL, 0, &rows->resources, err) &&
		db_query(db, a, columns, NULL, 0, &rows->columns, err) &&
		db_query(db, a, constraints, NULL, 0, &rows->constraints, err) &&
		db_query(db, a, actions, NULL, 0, &rows->actions, err);
}

bool resources_listen(struct db *db, struct arena *a, struct error *err)
{
	return db_script(db, a, STR("LISTEN tenantd_catalog"), NULL, err);
}

struct known {
	struct statement statement;
	char name[NAME_SIZE];
	size_t len;
};

struct table {
	char kind;
	size_t count;
	struct known *at[TABLE_SLOTS];
};

static uint32_t hash_of(struct str s)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.at[i]) * 16777619u;
	return hash;
}

static const struct statement *remember(struct table *table, size_t slot, struct str sql)
{
	struct known *k = malloc(sizeof(*k) + sql.len + 1);
	if (!k)
		out_of_memory();
	char *text = (char *)(k + 1);
	memcpy(text, sql.at, sql.len);
	text[sql.len] = '\0';
	snprintf(k->name, sizeof(k->name), "data_%c%zu", table->kind, table->count++);
	k->len = sql.len;
	k->statement = (struct statement){ k->name, text };
	table->at[slot] = k;
	return &k->statement;
}

/* The statement of this text, the same one every time; or one that is not remembered. */
static const struct statement *statement_of(struct arena *a, const struct built *built)
{
	static struct table common = { .kind = 'c' };
	static struct table varied = { .kind = 'v' };
	struct table *table = built->is_common ? &common : &varied;
	size_t slot = hash_of(built->sql) % TABLE_SLOTS;
	while (table->at[slot]) {
		const struct known *k = table->at[slot];
		if (str_eq(str_of(k->statement.sql, k->len), built->sql))
			return &k->statement;
		slot = (slot + 1) % TABLE_SLOTS;
	}
	if (table->count < TABLE_MAX)
		return remember(table, slot, built->sql);
	struct statement *once = ARENA_NEW(a, struct statement);
	*once = (struct statement){ "", arena_cstr(a, built->sql) };
	return once;
}

/* A plan made for a tenant of ten rows would be kept for one of a hundred thousand. */
static const struct statement plan_each = {
	"plan_each",
	"SELECT set_config('plan_cache_mode', 'force_custom_plan', true) WHERE $1::uuid IS NOT NULL AND "
	"$2::tenantd.env IS NOT NULL",
};

/* Whose rows go out as they come takes as long as the peer does. */
static const struct statement take_time = {
	"take_time",
	"SELECT set_config('statement_timeout', $3, true) WHERE $1::uuid IS NOT NULL AND $2::tenantd.env IS NOT "
	"NULL",
};

static const struct statement claim = {
	"idempotency_claim",
	"SELECT tenantd.idempotency_claim($1, $2, $3, $4)",
};

static const struct statement recall = {
	"idempotency_recall",
	"SELECT k.body, k.affected, k.created, k.row_key, k.etag, NULL, k.request = $4 FROM "
	"tenantd.idempotency_keys k"
	" WHERE k.tenant_id = $1 AND k.env = $2 AND k.user_id = (SELECT c.user_id FROM tenantd.context() c) AND "
	"k.key = $3",
};

static struct value digest_of(struct arena *a, struct str text)
{
	uint8_t digest[SHA256_SIZE];
	digest_sha256(text, digest);
	return VALUE(hex_encode(a, digest, sizeof(digest)));
}

bool resources_run(const struct context *ctx, const struct built *const *built, size_t count,
	const struct remembered *remembered, struct rows *rows, struct error *err)
{
	struct step steps[PIPELINE_MAX];
	struct rows all[PIPELINE_MAX];
	struct value claimed[2], time;
	size_t n = 0;
	if (remembered && !str_is_empty(remembered->key)) {
		claimed[0] = VALUE(remembered->key);
		claimed[1] = digest_of(ctx->arena, remembered->request);
		steps[n++] = (struct step){ .statement = &claim, .values = claimed, .count = 2 };
	}
	for (size_t i = 0; i < count && n == 0; i++)
		if (built[i]->is_selective)
			steps[n++] = (struct step){ .statement = &plan_each };
	int64_t stream_ms = tx_source_of(ctx->tx)->stream_ms;
	if (count == 1 && built[0]->taker.take && stream_ms > 0) {
		time = VALUE(arena_printf(ctx->arena, "%lld", (long long)stream_ms));
		steps[n++] = (struct step){ .statement = &take_time, .values = &time, .count = 1 };
	}
	size_t first = n;
	for (size_t i = 0; i < count; i++)
		steps[n++] = (struct step){ .statement = statement_of(ctx->arena, built[i]),
			.values = built[i]->values,
			.count = built[i]->count,
			.is_binary = built[i]->is_binary,
			.taker = built[i]->taker,
			.each = built[i]->each };
	/* Before, for it may fail half-way. */
	for (size_t i = 0; i < count; i++)
		if (built[i]->runs_foreign)
			db_soil(tx_source_of(ctx->tx)->db);
	if (!repo_all(ctx, steps, n, all, err))
		return false;
	memcpy(rows, all + first, count * sizeof(*rows));
	return true;
}

bool resources_recall(const struct context *ctx, const struct remembered *remembered, struct rows *rows,
	bool *found, struct error *err)
{
	const struct value values[] = { VALUE(remembered->key), digest_of(ctx->arena, remembered->request) };
	tx_renew(ctx->tx);
	if (!repo_list(ctx, &recall, values, COUNT_OF(values), rows, err))
		return false;
	*found = rows->count == 1;
	return !*found || str_eq(rows_value(rows, 0, 6, NULL), STR("t")) ||
		error_set(err, ERR_CONFLICT, "the Idempotency-Key was used for another request");
}

bool resources_guard(const struct context *ctx, struct error *err)
{
	return repo_all(ctx, NULL, 0, NULL, err);
}
