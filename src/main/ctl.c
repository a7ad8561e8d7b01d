/*
 * What the commands of tenantctl share: reading arguments by the grammar of the usage text, the
 * configuration, the connection, and error messages. Must never print a connection string or a key.
 */
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LOCK_MS = 10 * 1000 }; /* an operator would rather wait than be refused */

/* ---- complaints ---- */

enum ctl_status ctl_fail(const struct error *err)
{
	const char *text = err->operator[0] ? err->operator: err->detail;
	if (!text[0] && err->field_count > 0)
		text = err->fields[0].why;
	/* What a function of tenantd's schema refuses, it refuses in words for people. */
	if (strncmp(err->sqlstate, "TD", 2) == 0 && str_starts(str_c(text), str_c(err->sqlstate)))
		text = err->detail[0] ? err->detail : text + strlen(err->sqlstate) + strlen(": ");
	fprintf(stderr, "tenantctl: %s\n", text[0] ? text : error_info(err->code)->title);
	return CTL_FAILED;
}

enum ctl_status ctl_misused(const struct ctl *ctl, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fputs("tenantctl: ", stderr);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nusage: tenantctl %s %s\n", ctl->command->words, ctl->command->usage);
	return CTL_USAGE;
}

/* ---- arguments ---- */

/* A token of a usage text, and its kind. */
enum kind { END, FLAG, OPTION, ARGUMENT };
struct token {
	enum kind kind;
	struct str name; /* "--env", "FILE" */
	bool may_be_left_out;
	bool may_be_repeated;
};

static struct token next_token(struct str *usage)
{
	struct token t = { END, STR(""), false, false };
	struct str word;
	*usage = str_split(*usage, ' ', &word);
	if (str_is_empty(word))
		return t;
	t.may_be_left_out = word.at[0] == '[';
	t.name = str_skip(word, t.may_be_left_out);
	bool closed = str_ends(t.name, STR("]"));
	if (closed)
		t.name.len--;
	t.kind = ARGUMENT;
	if (str_starts(t.name, STR("--"))) {
		t.kind = closed ? FLAG : OPTION;
		if (t.kind == OPTION) { /* the placeholder of its value */
			*usage = str_split(*usage, ' ', &word);
			t.may_be_repeated = str_ends(word, STR("..."));
		}
	}
	return t;
}

/* What the grammar says about an option; END when it has no option with this name. */
static struct token find_option(const struct ctl *ctl, struct str name)
{
	struct str usage = str_c(ctl->command->usage);
	struct token t;
	while ((t = next_token(&usage)).kind != END)
		if (t.kind != ARGUMENT && str_eq(t.name, name))
			break;
	return t;
}

const char *ctl_option_at(const struct ctl *ctl, const char *name, size_t i)
{
	for (size_t g = 0; g < ctl->given_count; g++)
		if (strcmp(ctl->given[g].name, name) == 0 && i-- == 0)
			return ctl->given[g].value;
	return NULL;
}

const char *ctl_option(const struct ctl *ctl, const char *name)
{
	return ctl_option_at(ctl, name, 0);
}

/* Reads the option at argv[*i] and steps over its value, which may be joined to it by '='. */
static bool take_option(struct ctl *ctl, int argc, char **argv, int *i)
{
	struct str name;
	struct str value = str_split(str_c(argv[*i]), '=', &name);
	bool joined = name.len < strlen(argv[*i]);
	bool is_config = str_eq(name, STR("--config"));
	struct token t = find_option(ctl, name);
	if (t.kind == END && !is_config)
		return ctl_misused(ctl, "unknown option '%.*s'", STR_ARG(name)) == CTL_OK;
	if (t.kind == FLAG && joined)
		return ctl_misused(ctl, "'%.*s' takes no value", STR_ARG(name)) == CTL_OK;
	if (t.kind != FLAG && !joined) {
		if (++*i >= argc)
			return ctl_misused(ctl, "'%.*s' wants a value", STR_ARG(name)) == CTL_OK;
		value = str_c(argv[*i]);
	}
	if (is_config) {
		ctl->config_path = value.at;
		return true;
	}
	const char *named = arena_cstr(ctl->arena, name);
	if ((ctl_option(ctl, named) && !t.may_be_repeated) || ctl->given_count == CTL_GIVEN)
		return ctl_misused(ctl, "'%s' is given too often", named) == CTL_OK;
	ctl->given[ctl->given_count].name = named;
	ctl->given[ctl->given_count++].value = value.at;
	return true;
}

/* True when everything required is there, and there is no argument too many. */
static bool is_complete(const struct ctl *ctl)
{
	struct str usage = str_c(ctl->command->usage);
	struct token t;
	size_t wanted = 0;
	while ((t = next_token(&usage)).kind != END) {
		if (t.kind == ARGUMENT) {
			if (++wanted > ctl->arg_count && !t.may_be_left_out)
				return ctl_misused(ctl, "%.*s is missing", STR_ARG(t.name)) == CTL_OK;
		} else if (!t.may_be_left_out && !ctl_option(ctl, arena_cstr(ctl->arena, t.name)))
			return ctl_misused(ctl, "'%.*s' is missing", STR_ARG(t.name)) == CTL_OK;
	}
	if (ctl->arg_count > wanted)
		return ctl_misused(ctl, "'%s' is one argument too many", ctl->args[wanted]) == CTL_OK;
	return true;
}

bool ctl_parse(struct ctl *ctl, int argc, char **argv)
{
	bool only_arguments = false; /* after "--" */
	for (int i = 0; i < argc; i++) {
		if (!only_arguments && strcmp(argv[i], "--") == 0)
			only_arguments = true;
		else if (!only_arguments && argv[i][0] == '-' && argv[i][1] != '\0') {
			if (!take_option(ctl, argc, argv, &i))
				return false;
		} else if (ctl->arg_count == CTL_ARGS)
			return ctl_misused(ctl, "'%s' is one argument too many", argv[i]) == CTL_OK;
		else
			ctl->args[ctl->arg_count++] = argv[i];
	}
	return is_complete(ctl);
}

bool ctl_env(const struct ctl *ctl, struct value *env)
{
	const char *given = ctl_option(ctl, "--env");
	enum env e;
	*env = VALUE_NULL;
	if (!given)
		return true;
	if (!env_parse(str_c(given), &e))
		return ctl_misused(ctl, "'%s' is no env: dev, staging or prod", given) == CTL_OK;
	*env = VALUE_C(env_name(e));
	return true;
}

bool ctl_limit(const struct ctl *ctl, const char *what, int64_t *limit)
{
	const char *given = ctl_option(ctl, "--limit");
	return !given || (str_to_int64(str_c(given), limit) && *limit >= 1 && *limit <= INT32_MAX) ||
		ctl_misused(ctl, "--limit wants a number of %s", what) == CTL_OK;
}

struct value ctl_subject(const struct ctl *ctl)
{
	return ctl->arg_count > 1 ? VALUE_C(ctl->args[1]) : VALUE_NULL;
}

/* ---- JSON ---- */

enum ctl_status ctl_print_json(struct buf *b)
{
	struct error err = ERROR_INIT;
	if (!buf_ok(b)) {
		error_log(&err, ERR_INTERNAL, "the output is longer than %zu bytes", b->limit);
		return ctl_fail(&err);
	}
	puts(buf_str(b).at);
	return CTL_OK;
}

void ctl_print_json_rows(const struct rows *rows, size_t column)
{
	putchar('[');
	for (size_t i = 0; i < rows->count; i++)
		printf("%s%.*s", i > 0 ? ",\n" : "", STR_ARG(rows_value(rows, i, column, NULL)));
	puts("]");
}

/* ---- configuration and connection ---- */

const char *ctl_config_path(struct ctl *ctl)
{
	if (!ctl->config_path)
		ctl->config_path = getenv("TENANTD_CONFIG");
	if (!ctl->config_path || !ctl->config_path[0])
		ctl->config_path = SYSCONFDIR "/tenantd/tenantd.ini";
	return ctl->config_path;
}

bool ctl_configure(struct ctl *ctl, struct error *err)
{
	return config_load(&ctl->config, ctl->arena, ctl_config_path(ctl), err);
}

static bool connect_by(struct ctl *ctl, const char *key, const struct str *url, struct error *err)
{
	if (str_is_empty(*url))
		return error_log(err, ERR_INTERNAL, "[database] %s is not set in '%s'", key, ctl->config_path);
	db_free(ctl->db);
	ctl->options = (struct db_options){
		.url = *url, .application_name = "tenantctl", .connect_ms = LIMIT_CONNECT_MS, .lock_ms = LOCK_MS
	};
	ctl->db = db_new(&ctl->options);
	return db_connect(ctl->db, err);
}

bool ctl_connect(struct ctl *ctl, struct error *err)
{
	return ctl_act_as_self(ctl, err) && ctl_configure(ctl, err) &&
		connect_by(ctl, "admin_url", &ctl->config.database.admin_url, err);
}

bool ctl_connect_for_errands(struct ctl *ctl, struct error *err)
{
	return ctl_configure(ctl, err) && ctl_act_as_server(ctl, err) &&
		connect_by(ctl, "errands_url", &ctl->config.database.errands_url, err);
}

bool ctl_find_issuer(
	const struct ctl *ctl, const char *name, const struct issuer_config **issuer, struct error *err)
{
	for (size_t i = 0; i < ctl->config.issuer_count; i++) {
		*issuer = &ctl->config.issuers[i];
		if (!(*issuer)->is_own && str_eq((*issuer)->name, str_c(name)))
			return true;
	}
	return error_log(err, ERR_NOT_FOUND, "there is no [issuer.%s] in '%s'", name, ctl->config_path);
}

/* ---- who acts ---- */

struct str ctl_operator_name(struct arena *a)
{
	char login[128];
	if (getlogin_r(login, sizeof(login)) == 0)
		return arena_str(a, str_c(login));
	const struct passwd *p = getpwuid(getuid());
	return p ? arena_str(a, str_c(p->pw_name)) : arena_printf(a, "uid %u", (unsigned)getuid());
}

/* ---- output ---- */

void ctl_tell_of_more(const struct rows *rows, size_t found, size_t id)
{
	int64_t count;
	if (rows->count == 0 || !str_to_int64(rows_value(rows, 0, found, NULL), &count) ||
		count <= (int64_t)rows->count)
		return;
	fprintf(stderr, "%lld more: --after %.*s\n", (long long)count - (long long)rows->count,
		STR_ARG(rows_value(rows, rows->count - 1, id, NULL)));
}

struct str ctl_clean(struct arena *a, struct str s)
{
	char *copy = arena_cstr(a, s);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)copy[i];
		bool is_c1 = i > 0 && (unsigned char)copy[i - 1] == 0xc2 && c >= 0x80 && c < 0xa0;
		if (is_c1)
			copy[i - 1] = '?';
		if (c < 0x20 || c == 0x7f || is_c1)
			copy[i] = '?';
	}
	return str_of(copy, s.len);
}

int ctl_open_new(const char *path, unsigned mode, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
	if (fd < 0)
		error_log(err, ERR_CONFLICT, "cannot make '%s': %s", path, strerror(errno));
	return fd;
}

bool ctl_write_new(const char *path, struct str bytes, unsigned mode, struct error *err)
{
	int fd = ctl_open_new(path, mode, err);
	if (fd < 0)
		return false;
	bool ok = true;
	while (ok && bytes.len > 0) {
		ssize_t n = write(fd, bytes.at, bytes.len);
		ok = n > 0 || (n < 0 && errno == EINTR);
		bytes = str_skip(bytes, n > 0 ? (size_t)n : 0);
	}
	ok = fsync(fd) == 0 && ok;
	ok = close(fd) == 0 && ok;
	if (!ok) {
		unlink(path);
		return error_log(err, ERR_INTERNAL, "cannot write '%s': %s", path, strerror(errno));
	}
	return true;
}
