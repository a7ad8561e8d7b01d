/* tenantctl audit: makes checkpoints of the audit logs, exports them, and verifies what was exported or what the database has. */
#include "chain.h"

#include "crypto/statement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The log of a tenant, or of none. */
#define FIND_LOG "SELECT tenantd.chain_log($1, $2::tenantd.env)"

/* ---- checkpoint ---- */

enum ctl_status ctl_audit_checkpoint(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows logs;
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena, "SELECT tenantd.chain_open()", NULL, 0, &logs, &err))
		return ctl_fail(&err);
	for (size_t i = 0; i < logs.count; i++) {
		bool made = true;
		while (made)
			if (!chain_make(ctl, rows_value(&logs, i, 0, NULL), STR(""), &made, &err))
				return ctl_fail(&err);
	}
	return CTL_OK;
}

/* ---- export ---- */

static bool put_line(void *to, struct str line, struct error *err)
{
	FILE *f = to;
	return (fwrite(line.at, 1, line.len, f) == line.len && putc('\n', f) != EOF) ||
		error_log(err, ERR_INTERNAL, "the export could not be written: %s", strerror(errno));
}

/* A new file that others cannot read, for what people did stands in it. */
static FILE *open_out(const char *path, struct error *err)
{
	int fd = ctl_open_new(path, 0600, err);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (fd >= 0 && !f)
		out_of_memory();
	return f;
}

enum ctl_status ctl_audit_export(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows logs;
	struct value values[] = { value_or_null(str_c(ctl_option(ctl, "--tenant"))), VALUE_NULL };
	const char *path = ctl_option(ctl, "--out");
	FILE *out = stdout;
	if (!ctl_env(ctl, &values[1]))
		return CTL_USAGE;
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena, FIND_LOG, values, COUNT_OF(values), &logs, &err) ||
		(path && !(out = open_out(path, &err))))
		return ctl_fail(&err);
	bool good = chain_read(ctl, rows_value(&logs, 0, 0, NULL), (struct byte_sink){ put_line, out }, &err);
	if (path && fclose(out) != 0 && good)
		good = error_log(&err, ERR_INTERNAL, "cannot write '%s': %s", path, strerror(errno));
	if (path && !good)
		unlink(path);
	return good ? CTL_OK : ctl_fail(&err);
}

/* ---- verify ---- */

/* The keys whose signatures count: those of --keys, or the installation's own. */
static bool find_keys(struct ctl *ctl, struct str *jwks, struct error *err)
{
	const char *path = ctl_option(ctl, "--keys");
	if (path)
		return config_read_file(ctl->arena, "--keys", str_c(path), LIMIT_KEY_FILE, false, jwks, err);
	return ctl_configure(ctl, err) && statement_keys(ctl->arena, &ctl->config, jwks, err);
}

static bool verify_lines(FILE *f, const char *path, struct chain_verifier *v, struct error *err)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	bool good = true;
	while (good && (len = getline(&line, &room, f)) >= 0) {
		if (len > 0 && line[len - 1] == '\n')
			len--;
		good = len <= LIMIT_AUDIT_LINE
			? chain_verify_line(v, str_of(line, (size_t)len), err)
			: error_log(err, ERR_INVALID_REQUEST, "line %zu is longer than %d bytes", v->lines + 1,
				  LIMIT_AUDIT_LINE);
	}
	if (good && ferror(f))
		good = error_log(err, ERR_INTERNAL, "cannot read '%s': %s", path, strerror(errno));
	free(line);
	return good;
}

/* The digest that --expect names must have been met, or the end of its log was cut off. */
static bool is_met(struct str expected, bool has_expected)
{
	if (str_is_empty(expected) || has_expected)
		return true;
	printf("no checkpoint has the digest %.*s: the end of its log was cut off, or it is not here\n",
		STR_ARG(expected));
	return false;
}

static enum ctl_status verify_file(struct ctl *ctl, struct chain_verifier *v, struct error *err)
{
	const char *path = ctl->args[0];
	FILE *f = fopen(path, "re");
	if (!f) {
		error_log(err, ERR_NOT_FOUND, "cannot read '%s': %s", path, strerror(errno));
		return ctl_fail(err);
	}
	bool good = verify_lines(f, path, v, err);
	fclose(f);
	if (!good)
		return ctl_fail(err);
	bool is_whole = chain_verify_end(v) && is_met(v->expected, v->has_expected);
	if (v->number == 0)
		fprintf(stderr, "tenantctl: no checkpoint is in '%s', so that it proves nothing\n", path);
	return is_whole && v->number > 0 ? CTL_OK : CTL_FAILED;
}

/* The log that the options name, or all of them. */
static bool find_logs(struct ctl *ctl, const struct value *env, struct rows *logs, struct error *err)
{
	const struct value values[] = { VALUE_C(ctl_option(ctl, "--tenant")), *env };
	if (!ctl_option(ctl, "--tenant"))
		return db_query(ctl->db, ctl->arena, "SELECT tenantd.chain_logs()", NULL, 0, logs, err);
	return db_query(ctl->db, ctl->arena, FIND_LOG, values, COUNT_OF(values), logs, err);
}

static enum ctl_status verify_database(
	struct ctl *ctl, const struct value *env, struct str jwks, struct str expected, struct error *err)
{
	struct rows logs;
	bool are_whole = true, has_expected = false;
	if (!ctl_connect(ctl, err) || !find_logs(ctl, env, &logs, err))
		return ctl_fail(err);
	for (size_t i = 0; i < logs.count; i++) {
		struct chain_verifier v;
		chain_verify_begin(&v, ctl->arena, jwks, expected);
		if (!chain_read(ctl, rows_value(&logs, i, 0, NULL), (struct byte_sink){ chain_verify_line, &v }, err))
			return ctl_fail(err);
		are_whole = chain_verify_end(&v) && are_whole;
		has_expected = has_expected || v.has_expected;
	}
	return is_met(expected, has_expected) && are_whole ? CTL_OK : CTL_FAILED;
}

enum ctl_status ctl_audit_verify(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct value env;
	struct str jwks, expected = str_c(ctl_option(ctl, "--expect"));
	struct chain_verifier v;
	if (!ctl_env(ctl, &env))
		return CTL_USAGE;
	if (ctl->arg_count > 0 && (ctl_option(ctl, "--tenant") || ctl_option(ctl, "--env")))
		return ctl_misused(ctl, "FILE says itself which log it is: --tenant and --env are for the database");
	if (!find_keys(ctl, &jwks, &err))
		return ctl_fail(&err);
	if (ctl->arg_count == 0)
		return verify_database(ctl, &env, jwks, expected, &err);
	chain_verify_begin(&v, ctl->arena, jwks, expected);
	return verify_file(ctl, &v, &err);
}
