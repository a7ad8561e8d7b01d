/*
 * The settings of a session: every one that this program's statements rely on is given in the startup packet.
 * A role may alter itself (ALTER ROLE … SET needs no privilege), so that SQL which somebody injects could
 * change the settings with which the next sessions of the role begin. The startup packet overrides those, and
 * RESET ALL goes back to what it said. Must never leave a setting to the role.
 */
#include "session.h"

#include "core/buf.h"

/* The operator's own options come after these and override them: [database] url can, for example, set another
 * synchronous_commit. */
static const struct {
	const char *name, *value;
} given[] = {
	/* what a name means, and who sees what */
	{ "search_path", "pg_catalog, pg_temp" },
	{ "row_security", "on" },
	/* what a value means, in and out */
	{ "timezone", "UTC" },
	{ "datestyle", "ISO, MDY" },
	{ "intervalstyle", "postgres" },
	{ "extra_float_digits", "1" },
	{ "bytea_output", "hex" },
	{ "xmlbinary", "base64" },
	{ "xmloption", "content" },
	{ "array_nulls", "on" },
	{ "transform_null_equals", "off" },
	{ "standard_conforming_strings", "on" },
	{ "backslash_quote", "safe_encoding" },
	{ "quote_all_identifiers", "off" },
	{ "gin_fuzzy_search_limit", "0" },
	/* what a commit means */
	{ "synchronous_commit", "on" },
	{ "default_transaction_isolation", "read committed" },
	{ "default_transaction_read_only", "off" },
	{ "default_transaction_deferrable", "off" },
	/* how long a session lives, and what ends it; the server checks every second whether its client is
	 * still there */
	{ "exit_on_error", "off" },
	{ "idle_session_timeout", "0" },
	{ "client_connection_check_interval", "1000" },
	{ "local_preload_libraries", "" },
	/* where things are put, and how statements are planned */
	{ "default_tablespace", "" },
	{ "temp_tablespaces", "" },
	{ "default_table_access_method", "heap" },
	{ "plan_cache_mode", "auto" },
	/* compiling takes longer than these short statements */
	{ "jit", "off" },
};

/* In an option of the backend a blank and a backslash are escaped by a backslash. */
static void add_option(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "-c %s=", name);
	for (; *value; value++) {
		if (*value == ' ' || *value == '\\')
			buf_add_char(b, '\\');
		buf_add_char(b, *value);
	}
	buf_add_char(b, ' ');
}

static void add_time(struct buf *b, const char *name, int64_t ms)
{
	if (ms > 0)
		buf_printf(b, "-c %s=%lld ", name, (long long)ms);
}

bool session_options(
	struct arena *a, const struct db_options *o, const char *operators, struct str *out, struct error *err)
{
	struct buf b;
	buf_init(&b, a, SESSION_OPTIONS_MAX);
	for (size_t i = 0; i < COUNT_OF(given); i++)
		add_option(&b, given[i].name, given[i].value);
	buf_add_c(&b, operators);
	buf_add_char(&b, ' ');
	add_time(&b, "statement_timeout",
		o->read_ms > 0 && o->read_ms < o->statement_ms ? o->read_ms : o->statement_ms);
	add_time(&b, "lock_timeout", o->lock_ms);
	if (o->statement_ms > 0)
		add_time(&b, "idle_in_transaction_session_timeout", o->statement_ms + SLACK_MS);
	*out = buf_str(&b);
	return buf_ok(&b) ||
		error_log(err, ERR_UNAVAILABLE,
			"the options in [database] url are too long: %d bytes are for all of them", SESSION_OPTIONS_MAX);
}
