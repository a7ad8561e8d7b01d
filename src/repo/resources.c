/*
 * Runs the statements of the resource engine, and reads its catalog. A built statement is recognised by its
 * text, which holds no value. The texts are kept as long as the process lives, so that each is prepared once
 * per connection. They are in two tables of bounded size. One is only for the shapes that every client uses,
 * so that a caller who sends many different queries cannot fill it. A statement for which there is no room is
 * parsed each time.
 */
#include "repo/resources.h"

#include <stdio.h>
#include <stdlib.h>

enum { TABLE_MAX = 256, TABLE_SLOTS = 2 * TABLE_MAX, NAME_SIZE = 16 };

bool resources_read(struct db *db, struct arena *a, struct catalog_rows *rows, struct error *err)
{
	const struct {
		const char *sql;
		struct rows *rows;
	} parts[] = {
		{ "SELECT * FROM tenantd.served_resources()", &rows->resources },
		{ "SELECT * FROM tenantd.served_columns()", &rows->columns },
		{ "SELECT * FROM tenantd.served_constraints()", &rows->constraints },
		{ "SELECT * FROM tenantd.served_actions()", &rows->actions },
	};
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (!db_query(db, a, parts[i].sql, NULL, 0, parts[i].rows, err))
			return false;
	return true;
}

bool resources_sweep(struct db *db, struct error *err)
{
	return db_sweep(db, "LISTEN tenantd_catalog", err);
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

/* The statement with this text: always the same one, or a new one without a name when there is no room. */
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

/* Makes PostgreSQL plan for the values each time. Otherwise a plan that was made for a tenant with ten
 * rows would also be used for one with a hundred thousand. */
static const struct statement plan_each = {
	"plan_each",
	"SELECT set_config('plan_cache_mode', 'force_custom_plan', true) WHERE $1::uuid IS NOT NULL AND "
	"$2::tenantd.env IS NOT NULL",
};

/* A statement whose rows are sent on as they arrive may take as long as the peer needs to read them. */
static const struct statement take_time = {
	"take_time",
	"SELECT set_config('statement_timeout', $3, true) WHERE $1::uuid IS NOT NULL AND $2::tenantd.env IS NOT "
	"NULL",
};

bool resources_run(const struct context *ctx, const struct built *const *built, size_t count,
	const struct remembered *remembered, struct rows *rows, struct error *err)
{
	struct step steps[PIPELINE_MAX];
	struct rows all[PIPELINE_MAX];
	struct value claimed[REMEMBERED_VALUES], time;
	size_t n = 0;
	if (remembered && !str_is_empty(remembered->key)) {
		remembered_values(ctx->arena, remembered, claimed);
		steps[n++] =
			(struct step){ .statement = &remembered_claim, .values = claimed, .count = REMEMBERED_VALUES };
	}
	for (size_t i = 0; i < count && n == 0; i++)
		if (built[i]->is_selective)
			steps[n++] = (struct step){ .statement = &plan_each, .is_scoped = true };
	int64_t stream_ms = tx_source_of(ctx->tx)->stream_ms;
	if (count == 1 && built[0]->taker.take && stream_ms > 0) {
		time = VALUE(arena_printf(ctx->arena, "%lld", (long long)stream_ms));
		steps[n++] = (struct step){ .statement = &take_time, .values = &time, .count = 1, .is_scoped = true };
	}
	size_t first = n;
	for (size_t i = 0; i < count; i++)
		steps[n++] = (struct step){ .statement = statement_of(ctx->arena, built[i]),
			.values = built[i]->values,
			.count = built[i]->count,
			.is_scoped = true,
			.is_binary = built[i]->is_binary,
			.taker = built[i]->taker,
			.each = built[i]->each };
	/* This comes before the run, which may fail after the foreign code ran. */
	for (size_t i = 0; i < count; i++)
		if (built[i]->runs_foreign)
			db_soil(tx_source_of(ctx->tx)->db);
	if (!repo_all(ctx, steps, n, all, err))
		return false;
	memcpy(rows, all + first, count * sizeof(*rows));
	return true;
}

bool resources_guard(const struct context *ctx, struct error *err)
{
	return repo_all(ctx, NULL, 0, NULL, err);
}
