/* Runs the isolation gate and reads its report. The checks themselves are SQL, versioned with the schema. */
#include "repo/gate.h"

#include "claim.h"

static const char canary[] = "SELECT * FROM tenantd.canary($1, $2::bytea)";
static const char check[] =
	"SELECT object, attempt, finding FROM tenantd.isolation_check($1, $2, $3, $4, $5)";

static bool look(
	const struct context *ctx, const struct tx_source *source, struct rows *report, struct error *err)
{
	struct rows made;
	struct claim claim = claim_make(ctx, source, "canary");
	const struct value proof[] = { VALUE(claim.text), VALUE_BINARY(claim.mac) };
	struct value ids[5];
	if (!db_query(source->db, ctx->arena, canary, proof, COUNT_OF(proof), &made, err))
		return false;
	for (size_t i = 0; i < COUNT_OF(ids); i++)
		ids[i] = VALUE(rows_value(&made, 0, i, NULL));
	return db_query(source->db, ctx->arena, check, ids, COUNT_OF(ids), report, err);
}

bool gate_run(const struct tx_source *source, struct arena *a, enum env env, struct gate_report *report,
	struct error *err)
{
	struct rows rows;
	struct error ignored = ERROR_INIT;
	struct context ctx = { .arena = a, .env = env, .route = "isolation gate" };
	ctx.who = (struct identity){ STR(""), STR(""), STR(""), STR(""), false };
	ctx.slug = STR("");
	trace_begin(&ctx.trace, STR(""));

	if (!db_script(source->db, a, STR("BEGIN"), NULL, err))
		return false;
	bool ran = look(&ctx, source, &rows, err);
	/* The canary must not stay, whatever happened: a connection that cannot roll back is closed. */
	if (!db_script(source->db, a, STR("ROLLBACK"), NULL, ran ? err : &ignored)) {
		db_close(source->db);
		return false;
	}
	if (!ran)
		return false;

	*report =
		(struct gate_report){ .checks = ARENA_ARRAY(a, struct gate_check, rows.count), .count = rows.count };
	for (size_t i = 0; i < rows.count; i++) {
		struct gate_check *c = &report->checks[i];
		c->object = rows_value(&rows, i, 0, NULL);
		c->attempt = rows_value(&rows, i, 1, NULL);
		c->finding = rows_value(&rows, i, 2, NULL);
		report->findings += !str_is_empty(c->finding);
	}
	return true;
}
