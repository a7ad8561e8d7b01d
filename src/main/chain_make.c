/* Makes a checkpoint: what the database says that it covers is signed here, for the database never sees the key. */
#include "chain.h"

#include "core/json.h"
#include "crypto/statement.h"
#include "db/pipeline.h"

#include <stdio.h>

enum { IDS, DIGESTS, SAID };

/* Whoever keeps these lines, such as the journal of a timer, can tell later that the end of a log was cut off. */
static bool say(struct arena *a, struct str log, struct str said, struct str removed, struct error *err)
{
	struct str digest;
	int64_t number, rows;
	const struct json *json = json_parse(a, said, err);
	if (!json_int64(json_get(json, STR("number")), &number) ||
		!json_int64(json_get(json, STR("rows")), &rows) ||
		!json_string(json_get(json, STR("digest")), &digest))
		return error_log(err, ERR_INTERNAL, "the database gave no checkpoint to sign");
	printf("%.*s checkpoint %lld covers %lld more rows: %.*s\n", STR_ARG(log), (long long)number,
		(long long)rows, STR_ARG(digest));
	if (!str_eq(removed, STR("0")))
		printf(
			"%.*s %.*s audit rows have served their time and are removed\n", STR_ARG(log), STR_ARG(removed));
	return true;
}

static bool keep(
	struct ctl *ctl, struct arena *a, const struct rows *next, struct str *removed, struct error *err)
{
	struct rows rows;
	struct str compact, said = rows_value(next, 0, SAID, NULL);
	if (!statement_sign(a, &ctl->config, said, &compact, err))
		return false;
	const struct value values[] = { VALUE(rows_value(next, 0, IDS, NULL)),
		VALUE(rows_value(next, 0, DIGESTS, NULL)), VALUE(said), VALUE(compact), VALUE(ctl_operator_name(a)) };
	if (!db_query(ctl->db, a, "SELECT tenantd.chain_keep($1::uuid[], $2::bytea, $3::json, $4, $5)", values,
			COUNT_OF(values), &rows, err))
		return false;
	*removed = rows_value(&rows, 0, 0, NULL);
	return true;
}

bool chain_make(struct ctl *ctl, struct str log, struct str keep_from, bool *made, struct error *err)
{
	struct arena *a = arena_new(LIMIT_REQUEST_POOL);
	struct rows next;
	struct str removed = STR("0");
	const struct value values[] = { VALUE(log), VALUE(arena_printf(a, "%d", LIMIT_CHECKPOINT_ROWS)),
		value_or_null(keep_from) };
	bool good = db_script(ctl->db, a, STR("BEGIN"), NULL, err) &&
		db_query(ctl->db, a,
			"SELECT ids, digests, said FROM tenantd.chain_next($1, $2, $3) WHERE said IS NOT NULL", values,
			COUNT_OF(values), &next, err);
	*made = good && next.count > 0;
	if (*made)
		good = keep(ctl, a, &next, &removed, err);
	good = good && db_script(ctl->db, a, STR("COMMIT"), NULL, err) &&
		(!*made || say(a, log, rows_value(&next, 0, SAID, NULL), removed, err));
	arena_free(a);
	return good;
}
