/*
 * tenantctl doctor: checks everything that a worker will need, and says in one line each what is wrong and
 * what to do. It changes nothing. Each check is a row of one table. A check that cannot run because an
 * earlier one failed is reported, too. A check that passes may leave a remark in err->operator, without a code.
 */
#include "core/clock.h"
#include "crypto/context_key.h"
#include "crypto/keystore.h"
#include "ctl_app.h"
#include "db/migrate.h"
#include "mail/post.h"
#include "repo/cutover.h"

#include <stdio.h>
#include <sys/stat.h>

enum { CLOCK_SKEW_S = 5, INTERVALS_MISSED = 3 };

/* Minor versions of PostgreSQL before these let functions in pg_temp show rows that row-level security
 * hides. */
static const int least_minor[][2] = { { 15, 20 } };

/* It is read twice: whom it will be read as stands in it. */
static bool config_is_good(struct ctl *ctl, struct error *err)
{
	if (!ctl_configure(ctl, err))
		return false;
	struct str server = ctl->config.server.user;
	if (!ctl_act_as_server(ctl, err))
		return false;
	const char *who = ctl_acts_as(ctl->arena);
	struct error unread = ERROR_INIT;
	if (!ctl_configure(ctl, &unread))
		return error_log(err, ERR_INTERNAL, "as the user '%s': %s", who, unread.operator);
	if (str_is_empty(server) || str_eq(server, str_c(who)))
		snprintf(err->operator, sizeof(err->operator), "looked at as the user '%s'", who);
	else
		snprintf(err->operator, sizeof(err->operator),
			"looked at as the user '%s', not as '%.*s', who will serve: run it as root", who,
			STR_ARG(server));
	return true;
}

static bool keys_are_good(struct ctl *ctl, struct error *err)
{
	return keystore_load(ctl->arena, &ctl->config, err) != NULL;
}

/* Says how old each set is that tenantd fetches; its file gets a new time whenever the issuer was reached. */
static bool keys_are_fresh(struct ctl *ctl, struct error *err)
{
	const struct config *c = &ctl->config;
	struct buf ages;
	bool good = true;
	buf_init(&ages, ctl->arena, LIMIT_BODY);
	for (size_t i = 0; i < c->issuer_count; i++) {
		const struct issuer_config *issuer = &c->issuers[i];
		struct stat s;
		if (!config_is_fetched(issuer))
			continue;
		bool is_there = stat(issuer->jwks_file.at, &s) == 0;
		int64_t age = is_there ? clock_unix_s() - s.st_mtime : 0;
		buf_printf(&ages, ages.len > 0 ? ", %.*s " : "%.*s ", STR_ARG(issuer->name));
		if (is_there)
			buf_printf(&ages, "%lld s ago", (long long)age);
		else
			buf_add_c(&ages, "never");
		good = good && is_there && age <= INTERVALS_MISSED * c->auth.jwks_interval;
	}
	if (good) {
		snprintf(err->operator, sizeof(err->operator), "%.*s", STR_ARG(buf_str(&ages)));
		return true;
	}
	return error_log(err, ERR_UNAVAILABLE, "%.*s: tenantd's log has keys.not_fetched with the reason",
		STR_ARG(buf_str(&ages)));
}

static bool context_key_is_good(struct ctl *ctl, struct error *err)
{
	struct str key;
	return context_key_read(ctl->arena, &ctl->config, &key, err);
}

static bool database_answers(struct ctl *ctl, struct error *err)
{
	return ctl_connect_app(ctl, err);
}

static bool version_is_safe(struct ctl *ctl, struct error *err)
{
	struct rows rows;
	int64_t number;
	if (!db_query(ctl->db, ctl->arena, "SELECT current_setting('server_version_num')", NULL, 0, &rows, err))
		return false;
	if (!str_to_int64(rows_value(&rows, 0, 0, NULL), &number))
		return error_log(err, ERR_INTERNAL, "the server does not tell its version");
	int major = (int)(number / 10000), minor = (int)(number % 10000);
	if (major < 15)
		return error_log(err, ERR_INTERNAL, "PostgreSQL %d is too old: 15 or later is needed", major);
	for (size_t i = 0; i < COUNT_OF(least_minor); i++)
		if (major == least_minor[i][0] && minor < least_minor[i][1])
			return error_log(err, ERR_INTERNAL,
				"PostgreSQL %d.%d leaks hidden rows through pg_temp functions: upgrade to %d.%d or later",
				major, minor, major, least_minor[i][1]);
	return true;
}

static bool clocks_agree(struct ctl *ctl, struct error *err)
{
	struct rows rows;
	int64_t there;
	if (!db_query(ctl->db, ctl->arena, "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint", NULL, 0,
			&rows, err) ||
		!str_to_int64(rows_value(&rows, 0, 0, NULL), &there))
		return false;
	int64_t apart = there - clock_unix_s();
	return (apart <= CLOCK_SKEW_S && apart >= -CLOCK_SKEW_S) ||
		error_log(err, ERR_INTERNAL,
			"the database's clock is %lld s away from this host's; proofs expire after %d s: run NTP on both",
			(long long)apart, LIMIT_PROOF_S);
}

static bool gate_holds(struct ctl *ctl, struct error *err)
{
	struct gate_report report;
	if (!ctl_gate(ctl, &report, err))
		return false;
	return report.findings == 0 ||
		error_log(err, ERR_INTERNAL, "%zu findings: see tenantctl isolation-check", report.findings);
}

static bool mail_can_be_sent(struct ctl *ctl, struct error *err)
{
	if (!ctl_act_as_server(ctl, err))
		return false;
	return str_is_empty(ctl->config.mail.from) || mail_is_ready(&ctl->config, err);
}

static bool fallback_may_be_off(struct ctl *ctl, struct error *err)
{
	return cutover_is_allowed(ctl->db, ctl->arena, &ctl->config, err);
}

static bool migrations_ran(struct ctl *ctl, struct error *err)
{
	struct migrations m;
	size_t waiting = 0;
	const char *directory = ctl_option(ctl, "--directory");
	if (!ctl_connect(ctl, err) ||
		!migrations_read(&m, ctl->db, ctl->arena, MIGRATIONS_SCHEMA,
			directory ? directory : PKGDATADIR "/migrations", err))
		return false;
	for (size_t i = 0; i < m.count; i++) {
		waiting += !m.at[i].is_applied;
		if (m.at[i].is_changed)
			return error_log(err, ERR_INTERNAL, "\"%.*s\" was changed after it ran", STR_ARG(m.at[i].name));
	}
	for (size_t i = 0; i < m.family_count; i++)
		waiting += m.families[i].state == FAMILY_PENDING;
	for (size_t i = 0; i < m.family_count; i++)
		m.unknown += m.families[i].state == FAMILY_OLDER;
	if (m.unknown + m.unknown_families > 0)
		return error_log(err, ERR_INTERNAL,
			"%zu migrations ran that are not on disk: these programs are too old",
			m.unknown + m.unknown_families);
	return waiting == 0 ||
		error_log(err, ERR_INTERNAL, "%zu did not run yet: run tenantctl migrate up", waiting);
}

/* Checkpoints are made by a timer that a host may leave out, so that there is none is a remark; that they have stopped is not. */
static bool audit_is_covered(struct ctl *ctl, struct error *err)
{
	struct rows rows;
	int64_t checkpoints, logs;
	if (str_is_empty(ctl->config.governance.key_file)) {
		snprintf(err->operator, sizeof(err->operator), "none are made, [governance] key_file is not set");
		return true;
	}
	if (!db_query(ctl->db, ctl->arena,
			"SELECT checkpoints, logs, date_trunc('second', since) FROM tenantd.chain_late()", NULL, 0, &rows,
			err) ||
		!str_to_int64(rows_value(&rows, 0, 0, NULL), &checkpoints) ||
		!str_to_int64(rows_value(&rows, 0, 1, NULL), &logs))
		return false;
	if (checkpoints == 0) {
		snprintf(err->operator, sizeof(err->operator), "none was made yet, tenantd-audit.timer makes them");
		return true;
	}
	return logs == 0 ||
		error_log(err, ERR_UNAVAILABLE,
			"%lld logs have rows that none covers, since %.*s: see whether tenantd-audit.timer runs",
			(long long)logs, STR_ARG(rows_value(&rows, 0, 2, NULL)));
}

static const struct check {
	const char *matter;
	bool (*is_good)(struct ctl *ctl, struct error *err);
	int needs; /* index of the check that must have passed */
} checks[] = {
	{ "configuration", config_is_good, -1 },
	{ "issuers and their keys", keys_are_good, 0 },
	{ "context key", context_key_is_good, 0 },
	{ "database, as the workers", database_answers, 0 },
	{ "PostgreSQL's version", version_is_safe, 3 },
	{ "clocks", clocks_agree, 3 },
	{ "isolation gate", gate_holds, 3 },
	{ "header_fallback", fallback_may_be_off, 3 },
	{ "migrations", migrations_ran, 0 },
	{ "audit checkpoints", audit_is_covered, 8 },
	{ "mail", mail_can_be_sent, 0 },
	{ "keys fetched from issuers", keys_are_fresh, 0 },
};

enum ctl_status ctl_doctor(struct ctl *ctl)
{
	bool passed[COUNT_OF(checks)] = { false };
	bool json = ctl_option(ctl, "--json") != NULL;
	enum ctl_status status = CTL_OK;
	struct buf b;
	buf_init(&b, ctl->arena, LIMIT_BODY);
	json_write_open(&b, NULL, '[');
	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		struct error err = ERROR_INIT;
		const struct check *c = &checks[i];
		if (c->needs >= 0 && !passed[c->needs])
			error_log(&err, ERR_INTERNAL, "not looked at: %s first", checks[c->needs].matter);
		else
			passed[i] = c->is_good(ctl, &err);
		if (!passed[i])
			status = CTL_FAILED;
		const char *why = passed[i] && err.code != ERR_NONE ? "" : err.operator[0] ? err.operator: err.detail;
		if (json) {
			json_write_line(&b);
			json_write_open(&b, NULL, '{');
			json_write_c(&b, "matter", c->matter);
			json_write_flag(&b, "ok", passed[i]);
			json_write_c(&b, "why", why);
			json_write_close(&b, '}');
		} else {
			printf("%-4s  %s%s%s\n", passed[i] ? "ok" : "FAIL", c->matter, why[0] ? ": " : "", why);
		}
	}
	json_write_close(&b, ']');
	if (json && ctl_print_json(&b) != CTL_OK)
		return CTL_FAILED;
	return status;
}
