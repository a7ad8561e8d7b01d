/*
 * One request, one transaction, one round trip: `enter` goes first, the handler's statements follow, and one
 * Sync ends it. The caller gets no answer before that of the Sync has arrived. The statements never run
 * without `enter` before them: when it refuses, the server skips everything that follows.
 */
#include "repo/tx.h"

#include "claim.h"
#include "crypto/digest.h"

enum { ATTEMPTS = 3 };

struct tx {
	const struct tx_source *source;
	struct entered entered;
	bool has_run;
	bool is_rehearsal;
	bool has_counted;
};

static const struct statement enter = {
	"enter",
	"SELECT tenantd.enter(" CLAIM_PARAMETERS ")",
};

static const struct statement refuse = {
	"refuse",
	"SELECT tenantd.refuse(" CLAIM_PARAMETERS ", $20)",
};

static const struct statement header_use = {
	"header_use",
	"SELECT tenantd.header_use(" CLAIM_PARAMETERS ", $20, $21)",
};

void tx_source_init(struct tx_source *source, struct db *db, struct str context_key)
{
	uint8_t digest[SHA256_SIZE];
	digest_sha256(context_key, digest);
	*source = (struct tx_source){ .db = db, .context_key = context_key };
	digest_sha384(context_key, source->proof_key);
	hex_into(source->key_id, digest, (sizeof(source->key_id) - 1) / 2);
}

struct tx *tx_new(struct arena *a, const struct tx_source *source)
{
	struct tx *tx = ARENA_NEW(a, struct tx);
	tx->source = source;
	return tx;
}

bool tx_has_run(const struct tx *tx)
{
	return tx->has_run;
}

void tx_rehearse(struct tx *tx)
{
	tx->is_rehearsal = true;
}

void tx_renew(struct tx *tx)
{
	tx->has_run = false;
	tx->is_rehearsal = false;
}

bool tx_has_counted(const struct tx *tx)
{
	return tx->has_counted;
}

const struct entered *tx_entered(const struct tx *tx)
{
	return &tx->entered;
}

const struct tx_source *tx_source_of(const struct tx *tx)
{
	return tx->source;
}

/* Reads "tenant user role status", where "-" stands for a missing one. */
static struct entered read_entered(const struct rows *rows)
{
	struct entered e;
	struct str *fields[] = { &e.tenant_id, &e.user_id, &e.role, &e.tenant_status };
	struct str rest = rows_value(rows, 0, 0, NULL);
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		rest = str_split(rest, ' ', fields[i]);
		if (str_eq(*fields[i], STR("-")))
			*fields[i] = STR("");
	}
	return e;
}

static bool add_step(const struct context *ctx, struct str tenant, const struct step *step,
	const struct value *own, size_t count, struct error *err)
{
	struct db *db = ctx->tx->source->db;
	struct value values[STATEMENT_PARAMS];
	size_t n = 0;
	if (step->is_scoped) {
		values[n++] = VALUE(tenant);
		values[n++] = VALUE_C(env_name(ctx->env));
	}
	if (n + count > COUNT_OF(values))
		BUG("statement %s has %zu values", step->statement->name, count);
	for (size_t j = 0; j < count; j++)
		values[n++] = own[j];
	if (!pipeline_add(db, ctx->arena, step->statement, values, n, err))
		return false;
	if (step->is_binary)
		pipeline_binary(db);
	if (step->taker.take)
		pipeline_take(db, step->taker);
	return true;
}

/* A piece is sent before the next one is asked for: there is never more than one in memory. */
static bool add_each(const struct context *ctx, struct str tenant, const struct step *step, struct error *err)
{
	struct str piece;
	for (size_t number = 0;; number++) {
		if (!step->each->next(step->each->from, &piece, err))
			return false;
		if (str_is_empty(piece) && number == 0)
			BUG("a stream of nothing");
		if (str_is_empty(piece))
			return true;
		const struct value own[] = { VALUE(arena_printf(ctx->arena, "%zu", number)), VALUE_BINARY(piece) };
		if (!add_step(ctx, tenant, step, own, COUNT_OF(own), err) || !pipeline_send(ctx->tx->source->db, err))
			return false;
	}
}

static bool add_steps(
	const struct context *ctx, struct str tenant, const struct step *steps, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (!(steps[i].each ? add_each(ctx, tenant, &steps[i], err)
							: add_step(ctx, tenant, &steps[i], steps[i].values, steps[i].count, err)))
			return false;
	return true;
}

/* Goes behind the statements of the request, so that a request that they refuse is not noted. */
static bool add_header_use(const struct context *ctx, struct error *err)
{
	if (ctx->header_use == HEADER_UNUSED)
		return true;
	struct value values[CLAIM_VALUES + 2];
	struct str alone = ctx->header_use == HEADER_ALONE ? STR("t") : STR("f");
	struct str purpose =
		arena_printf(ctx->arena, "header %.*s %.*s", STR_ARG(alone), STR_ARG(ctx->who.client));
	struct claim claim = claim_make(ctx, ctx->tx->source, purpose.at);
	memcpy(values, claim.values, sizeof(claim.values));
	values[CLAIM_VALUES] = VALUE(alone);
	values[CLAIM_VALUES + 1] = VALUE(ctx->who.client);
	return pipeline_add(ctx->tx->source->db, ctx->arena, &header_use, values, COUNT_OF(values), err);
}

static bool run_once(const struct context *ctx, const struct step *steps, size_t count, struct rows *rows,
	bool *again, struct error *err)
{
	struct tx *tx = ctx->tx;
	struct db *db = tx->source->db;
	struct rows results[PIPELINE_MAX];
	size_t entered = 0;
	struct str tenant = str_c(ctx->tenant.text);

	if (tx->is_rehearsal)
		pipeline_rehearse(db);
	struct claim claim = claim_make(ctx, tx->source, "enter");
	if (!pipeline_add(db, ctx->arena, &enter, claim.values, CLAIM_VALUES, err))
		return false;
	if (!uuid_is_set(&ctx->tenant) && least_is_of_tenant(ctx->guard.least)) {
		/* The tenant was named by its slug alone, and the statements need the id, which `enter` finds. */
		if (!pipeline_peek(db, ctx->arena, results, 1, err))
			return false;
		tx->entered = read_entered(&results[0]);
		tenant = tx->entered.tenant_id;
		entered = 1;
	}
	if (!add_steps(ctx, tenant, steps, count, err) || !add_header_use(ctx, err))
		return false;
	if (!pipeline_run(db, ctx->arena, results, count + 1 - entered, again, err))
		return false;
	if (!entered)
		tx->entered = read_entered(&results[0]);
	tx->has_counted = !tx->is_rehearsal;
	for (size_t i = 0; i < count; i++)
		rows[i] = results[i + 1 - entered];
	return true;
}

bool tx_run(
	const struct context *ctx, const struct step *steps, size_t count, struct rows *rows, struct error *err)
{
	struct tx *tx = ctx->tx;
	if (tx->has_run)
		BUG("route %s runs a second transaction", ctx->route);
	if (count + 2 > PIPELINE_MAX)
		BUG("route %s has %zu statements", ctx->route, count);
	tx->has_run = true;
	bool can_repeat = true;
	for (size_t i = 0; i < count; i++)
		can_repeat = can_repeat && !steps[i].each && !steps[i].taker.take;
	for (int attempt = 1;; attempt++) {
		bool again = false;
		if (run_once(ctx, steps, count, rows, &again, err))
			return true;
		tx->entered = (struct entered){ STR(""), STR(""), STR(""), STR("") };
		pipeline_drop(tx->source->db);
		if (!again || !can_repeat || attempt == ATTEMPTS)
			return false;
		*err = (struct error)ERROR_INIT;
	}
}

bool tx_prove(const struct tx_source *source, struct arena *a, enum env env, struct error *err)
{
	struct context ctx = context_of_nobody(a, "readyz");
	struct rows rows;
	ctx.env = env;
	ctx.caller = CALLER_VISITOR;
	ctx.guard = (struct guard){ LEAST_ANYBODY, TENANT_ANY };
	ctx.is_reading = true;
	trace_begin(&ctx.trace, STR(""));
	struct claim claim = claim_make(&ctx, source, "enter");
	return db_query(source->db, a, enter.sql, claim.values, CLAIM_VALUES, &rows, err);
}

bool tx_refuse(
	const struct context *ctx, const struct tx_source *source, enum error_code refusal, struct error *err)
{
	struct rows rows;
	struct claim claim = claim_make(ctx, source, "refuse");
	struct value values[CLAIM_VALUES + 1];
	memcpy(values, claim.values, sizeof(claim.values));
	values[CLAIM_VALUES] = VALUE_C(error_info(refusal)->flags & AUDITED ? error_info(refusal)->code : "");
	if (pipeline_add(source->db, ctx->arena, &refuse, values, COUNT_OF(values), err) &&
		pipeline_run(source->db, ctx->arena, &rows, 1, NULL, err))
		return true;
	pipeline_drop(source->db);
	return false;
}
