/* Runs the isolation gate and reads its report. The checks themselves are SQL, versioned with the schema. */
#include "repo/gate.h"

#include "claim.h"
#include "core/limits.h"
#include "core/log.h"

#include <stdlib.h>

static const char canary[] = "SELECT * FROM tenantd.canary(" CLAIM_PARAMETERS ")";
static const char check[] =
	"SELECT object, attempt, finding, mend, mend_as, stops FROM tenantd.isolation_check($1, $2, $3, $4, $5)";
static const char digest[] = "SELECT left(tenantd.catalog_digest(), 16)";
static const char *const stops_names[] = { "nothing", "resource", "service" };

const char *gate_stops_name(enum gate_stops stops)
{
	return stops_names[stops];
}

/* A word that is not known here stops the service. */
static enum gate_stops stops_of(struct str name)
{
	int stops = STOPS_NOTHING;
	while (stops < STOPS_SERVICE && !str_eq(name, str_c(stops_names[stops])))
		stops++;
	return (enum gate_stops)stops;
}

/* Checks the interface's number. A different one does not mean that a wall is open, but we cannot serve
 * with it. */
static bool is_of_this_interface(const struct context *ctx, const struct tx_source *source, struct error *err)
{
	struct rows rows;
	int64_t number = 0;
	if (!db_query(source->db, ctx->arena, "SELECT tenantd.interface()", NULL, 0, &rows, err)) {
		if (strcmp(err->sqlstate, "42883") != 0)
			return strcmp(err->sqlstate, "42501") == 0; /* the gate says what is wrong with it */
	} else if (!str_to_int64(rows_value(&rows, 0, 0, NULL), &number) || number == TENANTD_INTERFACE) {
		return true;
	}
	return error_log(err, ERR_UNAVAILABLE, "the database has interface %lld and this tenantd has %d: %s",
		(long long)number, TENANTD_INTERFACE,
		number < TENANTD_INTERFACE ? "run tenantctl migrate up"
								   : "install the tenantd that the database was brought forward with");
}

static bool look(
	const struct context *ctx, const struct tx_source *source, struct rows *report, struct error *err)
{
	struct rows made;
	struct claim claim = claim_make(ctx, source, "canary");
	struct value ids[5];
	if (!is_of_this_interface(ctx, source, err))
		return false;
	if (db_query(source->db, ctx->arena, canary, claim.values, CLAIM_VALUES, &made, err)) {
		for (size_t i = 0; i < COUNT_OF(ids); i++)
			ids[i] = VALUE(rows_value(&made, 0, i, NULL));
	} else {
		/* The canary could not be made. When the database does not take the proof, we stop here. Otherwise
		 * something is wrong with tenantd's own tables, and the check of the catalog, which needs no
		 * canary, says what. */
		if (err->code == ERR_CONTEXT_REFUSED)
			return error_log(err, ERR_CONTEXT_REFUSED,
				"context proof refused: the database does not have the key '%s' (tenantctl context-key add), or its clock "
				"is more than %d s away from this host's",
				source->key_id, LIMIT_PROOF_S);
		if (err->code != ERR_INTERNAL && err->code != ERR_FORBIDDEN)
			return false;
		*err = (struct error)ERROR_INIT;
		if (!db_script(source->db, ctx->arena, STR("ROLLBACK; BEGIN"), NULL, err))
			return false;
		for (size_t i = 0; i < COUNT_OF(ids); i++)
			ids[i] = VALUE_NULL;
	}
	return db_query(source->db, ctx->arena, check, ids, COUNT_OF(ids), report, err);
}

bool gate_run(const struct tx_source *source, struct arena *a, enum env env, struct gate_report *report,
	struct error *err)
{
	struct rows rows;
	struct error ignored = ERROR_INIT;
	struct context ctx = context_of_nobody(a, "isolation gate");
	ctx.env = env;
	trace_begin(&ctx.trace, STR(""));

	db_soil(source->db);
	struct str begin =
		arena_printf(a, "BEGIN; SET LOCAL statement_timeout = %lld", (long long)source->write_ms);
	if (!db_script(source->db, a, begin, NULL, err))
		return false;
	bool ran = look(&ctx, source, &rows, err);
	/* The canary must not stay, whatever happened. So a connection that cannot roll back is closed. */
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
		c->mend = rows_value(&rows, i, 3, NULL);
		c->mend_as = rows_value(&rows, i, 4, NULL);
		c->stops = stops_of(rows_value(&rows, i, 5, NULL));
		report->findings += !str_is_empty(c->finding);
		report->open += !str_is_empty(c->finding) && c->stops == STOPS_SERVICE;
	}
	return true;
}

bool gate_mark(struct db *db, struct arena *a, uint64_t *mark, struct error *err)
{
	struct rows rows;
	if (!db_query(db, a, digest, NULL, 0, &rows, err))
		return false;
	*mark = strtoull(arena_cstr(a, rows_value(&rows, 0, 0, NULL)), NULL, 16) | 1;
	return true;
}

bool gate_is_mendable(const struct gate_check *c)
{
	return !str_is_empty(c->finding) && !str_is_empty(c->mend) && c->mend.at[0] >= 'A' &&
		c->mend.at[0] <= 'Z';
}

size_t gate_mend_own(struct db *db, struct arena *a, const struct gate_report *report)
{
	size_t mended = 0;
	for (size_t i = 0; i < report->count; i++) {
		const struct gate_check *c = &report->checks[i];
		struct error err = ERROR_INIT;
		if (!gate_is_mendable(c) || !str_eq(c->mend_as, STR("tenantd_app")) || !db_is_connected(db))
			continue;
		bool ok = db_script(db, a, c->mend, NULL, &err);
		mended += ok;
		LOG(WARN, "isolation.mended", LOG_STR("object", c->object), LOG_STR("finding", c->finding),
			LOG_STR("mend", c->mend), LOG_C("why", ok ? "" : err.operator));
	}
	return mended;
}
