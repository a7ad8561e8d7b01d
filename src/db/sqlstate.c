/*
 * Turns the server's refusals into ours: an SQLSTATE into a code, and a failed result into an error. The
 * server's messages are for the operator and may quote what a caller sent, so that they must never reach
 * err->detail. Data exceptions quote values; only their state is kept.
 */
#include "handle.h"

#include <stdio.h>

struct rule {
	const char *prefix; /* of the SQLSTATE; the first row that fits is taken */
	enum error_code code;
	bool again;
	bool close;
};

static const struct rule rules[] = {
	{ "23505", ERR_CONFLICT, false, false }, /* unique */
	{ "23P01", ERR_CONFLICT, false, false }, /* exclusion */
	{ "23503", ERR_INVALID_REQUEST, false, false }, /* foreign key */
	{ "23502", ERR_INVALID_REQUEST, false, false }, /* not null */
	{ "23514", ERR_INVALID_REQUEST, false, false }, /* check */
	{ "22012", ERR_INTERNAL, false, false }, /* division by zero: not the caller's mistake */
	{ "22", ERR_INVALID_REQUEST, false, false }, { "42501", ERR_FORBIDDEN, false, false },
	{ "40001", ERR_UNAVAILABLE, true, false }, /* serialization */
	{ "40P01", ERR_UNAVAILABLE, true, false }, /* deadlock */
	{ "55P03", ERR_UNAVAILABLE, false, false }, /* lock timeout */
	{ "57014", ERR_UNAVAILABLE, false, false }, /* statement timeout */
	{ "25006", ERR_UNAVAILABLE, false, true }, /* read-only: we are connected to a standby */
	{ "25P03", ERR_UNAVAILABLE, false, true }, /* idle in transaction for too long */
	{ "53", ERR_UNAVAILABLE, false, true }, /* out of memory, disk, connections */
	{ "57P0", ERR_UNAVAILABLE, false, true }, /* shut down, crashed, starting up */
	{ "08", ERR_UNAVAILABLE, false, true },
	{ "0A000", ERR_INTERNAL, false, true }, /* a stale plan: a new session helps */
	{ "26000", ERR_INTERNAL, false, true }, /* a prepared statement is gone: the same */
};

enum error_code sqlstate_error(struct str sqlstate, bool *again, bool *close)
{
	bool unused;
	*(again ? again : &unused) = false;
	*(close ? close : &unused) = false;
	enum error_code ours = error_by_sqlstate(sqlstate);
	if (ours != ERR_NONE) {
		/* The proof of a context was refused: a new session is told whether it is for the key. */
		*(close ? close : &unused) = ours == ERR_CONTEXT_REFUSED;
		return ours;
	}
	for (size_t i = 0; i < COUNT_OF(rules); i++)
		if (str_starts(sqlstate, str_c(rules[i].prefix))) {
			*(again ? again : &unused) = rules[i].again;
			*(close ? close : &unused) = rules[i].close;
			return rules[i].code;
		}
	return ERR_INTERNAL;
}

/* The line in which the server found the error. It counts in characters, not bytes. 0: it named no
 * position. */
static long line_of(struct str sql, const char *position)
{
	int64_t left;
	if (!position || str_is_empty(sql) || !str_to_int64(str_c(position), &left))
		return 0;
	long line = 1;
	for (size_t i = 0; i < sql.len; i++) {
		if (((unsigned char)sql.at[i] & 0xc0) != 0x80 && --left <= 0)
			break;
		line += sql.at[i] == '\n';
	}
	return line;
}

/* True for the tables that the database itself writes with each change. When a row of theirs is refused,
 * the caller's values are not the reason. */
static bool is_written_by_database(const PGresult *result)
{
	struct str schema = str_c(PQresultErrorField(result, PG_DIAG_SCHEMA_NAME));
	struct str table = str_c(PQresultErrorField(result, PG_DIAG_TABLE_NAME));
	return str_eq(schema, STR("tenantd")) &&
		(str_eq(table, STR("audit_events")) || str_eq(table, STR("system_events")));
}

bool db_refused(
	const PGresult *result, const char *where, struct str sql, bool *again, bool *close, struct error *err)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	struct str state = str_c(PQresultErrorField(result, PG_DIAG_SQLSTATE));
	enum error_code code = sqlstate_error(state, again, close);
	if (str_starts(state, STR("23")) && is_written_by_database(result))
		code = ERR_INTERNAL;
	if (str_is_empty(state) || !severity || strcmp(severity, "ERROR") != 0) {
		*close = true; /* an error of libpq itself, or the last message of a server that goes away */
		code = ERR_UNAVAILABLE;
	}
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	char message[ERROR_OPERATOR / 2] = "data exception", hint[ERROR_TEXT] = "";
	bool is_script = !str_is_empty(sql);
	if (!str_starts(state, STR("22")) || is_script)
		db_first_line(message, is_script ? sizeof(message) : ERROR_TEXT / 2,
			text ? text : PQresultErrorMessage(result));
	if (is_script)
		db_first_line(hint, sizeof(hint), PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
	char line[32] = "";
	long number = line_of(sql, PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION));
	if (number > 0)
		snprintf(line, sizeof(line), ", line %ld", number);
	snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", state.at);
	snprintf(err->constraint, sizeof(err->constraint), "%s", constraint ? constraint : "");
	error_log(err, code, "%s%s%s%s%s%s%s%s%s%s", state.at, state.len > 0 ? ": " : "", message,
		hint[0] ? "; " : "", hint, line, constraint ? ", constraint " : "", constraint ? constraint : "",
		where[0] ? ", statement " : "", where);
	const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
	err->is_of_function =
		context && (strstr(context, "PL/pgSQL function") || strstr(context, "SQL function"));
	/* When a limit is reached, the hint says in how many seconds there is room again
	 * (db/functions/limits.sql). */
	if (code == ERR_TOO_MANY_REQUESTS &&
		!str_to_int64(str_c(PQresultErrorField(result, PG_DIAG_MESSAGE_HINT)), &err->retry_after))
		err->retry_after = 0;
	/* The server never raises such a state by itself: this DETAIL was written for the caller of an action. */
	if (str_starts(state, STR("TD4")))
		db_first_line(err->detail, sizeof(err->detail), PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
	return false;
}
