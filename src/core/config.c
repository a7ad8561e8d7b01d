/*
 * Loads the configuration: first the defaults, then the ini file, then the environment. The one table checks
 * each value. Only this file uses inih, which is lenient: continuation lines, lines longer than its buffer
 * and sections without an end are refused before inih sees them. Must never accept a value that somebody
 * mistyped, and never repeat a secret in a message.
 */
#include "core/config.h"

#include "config_check.h"
#include "config_file.h"
#include "config_table.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

extern char **environ;

enum { FILE_MAX_BYTES = 64 * 1024, KEYS_MAX = 96 };

struct loader {
	struct config *c;
	struct arena *arena;
	struct error *err;
	const char *path;
	struct str rest; /* lines not yet read */
	int line;
	bool failed;
	bool holds_secret; /* the file sets a key that is one */
	bool seen[LIMIT_ISSUERS + 1][KEYS_MAX]; /* set in this source; row 0 is for the keys of no issuer */
	bool set[LIMIT_ISSUERS + 1][KEYS_MAX]; /* set in any source, to a value that is not empty */
};

PRINTF(2, 3) static bool refuse(struct loader *l, const char *fmt, ...)
{
	char text[ERROR_TEXT];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	l->failed = true;
	if (l->line > 0)
		return error_log(l->err, ERR_INTERNAL, "%s:%d: %s", l->path, l->line, text);
	return error_log(l->err, ERR_INTERNAL, "%s", text);
}

static void store_defaults(struct loader *l, void *base, bool of_issuer)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	for (size_t i = 0; i < count; i++) {
		if (config_is_issuer_key(i) != of_issuer)
			continue;
		struct str value = str_c(keys[i].standard);
		bool is_none = value.len == 0 && config_rule(i)->kind == KIND_NUMBER;
		if (!is_none && !config_store(l->arena, base, i, value))
			BUG("the default of '%s' is malformed", keys[i].key);
	}
}

/* The row of [issuer.NAME] in `seen`, which is added when it is new; 0 after a refusal. */
static size_t issuer_row(struct loader *l, struct str name)
{
	for (size_t i = 0; i < l->c->issuer_count; i++)
		if (str_eq(l->c->issuers[i].name, name))
			return i + 1;
	bool is_name = name.len > 0 && name.len <= 32;
	for (size_t i = 0; is_name && i < name.len; i++)
		is_name = (name.at[i] >= 'a' && name.at[i] <= 'z') || (name.at[i] >= '0' && name.at[i] <= '9') ||
			name.at[i] == '_';
	if (!is_name) {
		refuse(l, "[issuer.%.*s]: a name is 1 to 32 of a-z, 0-9 and _", STR_ARG(name));
		return 0;
	}
	if (l->c->issuer_count == LIMIT_ISSUERS) {
		refuse(l, "[issuer.%.*s]: more than %d issuers", STR_ARG(name), LIMIT_ISSUERS);
		return 0;
	}
	struct issuer_config *in = &l->c->issuers[l->c->issuer_count++];
	store_defaults(l, in, true);
	in->name = arena_str(l->arena, name);
	return l->c->issuer_count;
}

/* True when a required key would have no value. */
static bool is_only_commas(struct str value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] != ',' && value.at[i] != ' ')
			return false;
	return true;
}

/* Sets the i-th key in the row's section. `where` names key or variable in refusals. */
static bool set_key(struct loader *l, size_t row, size_t i, const char *where, struct str value)
{
	const struct config_rule *rule = config_rule(i);
	void *base = row > 0 ? (void *)&l->c->issuers[row - 1] : (void *)l->c;
	if (l->seen[row][i])
		return refuse(l, "%s is set twice", where);
	l->seen[row][i] = true;
	if (!str_is_utf8(value) || str_has_control(value))
		return refuse(l, "%s is not plain UTF-8 text", where);
	if (config_store(l->arena, base, i, value)) {
		l->set[row][i] = !is_only_commas(value);
		return true;
	}
	if (rule->kind == KIND_NUMBER)
		return refuse(l, "%s: '%.*s' is not a number from %lld to %lld", where, STR_ARG(value),
			(long long)rule->least, (long long)rule->most);
	if (rule->kind == KIND_RATE)
		return refuse(l,
			"%s: '%.*s' is neither off nor COUNT/UNIT, such as 60/m, with a unit of s, m, h or d", where,
			STR_ARG(value));
	return refuse(l, "%s: '%.*s' is not one of %s", where, STR_ARG(value), rule->choices);
}

static bool is_section(struct str name)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	if (str_starts(name, STR("issuer.")))
		return true;
	for (size_t i = 0; i < count; i++)
		if (!config_is_issuer_key(i) && str_eq(name, str_c(keys[i].section)))
			return true;
	return false;
}

static int take_pair(void *user, const char *section, const char *key, const char *value)
{
	struct loader *l = user;
	struct str name = str_c(section), prefix = STR("issuer.");
	bool of_issuer = str_starts(name, prefix);
	size_t count, row = 0;
	const struct config_key *keys = config_keys(&count);
	if (l->failed)
		return 0;
	if (of_issuer && (row = issuer_row(l, str_skip(name, prefix.len))) == 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (config_is_issuer_key(i) != of_issuer || strcmp(key, keys[i].key) != 0 ||
			(!of_issuer && !str_eq(name, str_c(keys[i].section))))
			continue;
		if (config_rule(i)->is_secret && value[0] != '\0')
			l->holds_secret = true;
		struct str where = arena_printf(l->arena, "[%s] %s", section, key);
		return set_key(l, row, i, where.at, str_c(value));
	}
	refuse(l, "unknown key [%s] %s", section, key);
	return 0;
}

/* True when inih will read the line as we do. `line` is trimmed. */
static bool check_line(struct loader *l, struct str line, int room)
{
	if (line.len + 2 > (size_t)room)
		return refuse(l, "the line is longer than %d bytes, set the value in the environment", room - 2);
	if (line.len == 0 || line.at[0] != '[')
		return true;
	size_t end = str_find(line, ']');
	struct str name = { line.at + 1, end - (end > 0) }, behind = str_trim(str_skip(line, end + 1));
	if (end == line.len || (behind.len > 0 && behind.at[0] != ';' && behind.at[0] != '#'))
		return refuse(l, "a section is [NAME]");
	return is_section(name) ? true : refuse(l, "unknown section [%.*s]", STR_ARG(name));
}

/* Reads a line for inih, as fgets would. The space around it is removed: inih takes an indented line as the
 * continuation of the line before. */
static char *next_line(char *to, int room, void *user)
{
	struct loader *l = user;
	struct str line;
	if (l->failed || str_is_empty(l->rest))
		return NULL;
	l->line++;
	l->rest = str_split(l->rest, '\n', &line);
	line = str_trim(line);
	if (line.len > 0 && (line.at[0] == '#' || line.at[0] == ';'))
		line = STR("");
	if (!check_line(l, line, room))
		return NULL;
	memcpy(to, line.at, line.len);
	memcpy(to + line.len, "\n", 2);
	return to;
}

static bool load_file(struct loader *l, struct stat *s)
{
	struct str text;
	if (!config_read(l->arena, "config", l->path, FILE_MAX_BYTES, false, &text, s, l->err))
		return false;
	if (memchr(text.at, '\0', text.len))
		return refuse(l, "'%s' holds a NUL byte", l->path);
	l->rest = text;
	int bad_line = ini_parse_stream(next_line, l, take_pair, l);
	if (bad_line < 0)
		out_of_memory();
	if (l->failed)
		return false;
	l->line = bad_line;
	return bad_line == 0 ? true : refuse(l, "the line is not KEY = VALUE");
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
}

/* True when `s` is `lower` in upper case. */
static bool is_upper_of(struct str s, struct str lower)
{
	for (size_t i = 0; i < s.len && i < lower.len; i++)
		if (s.at[i] != upper(lower.at[i]))
			return false;
	return s.len == lower.len;
}

/* Splits NAME_KEY of an issuer at the longest key that it ends with. False when it ends with none. */
static bool split_issuer_variable(struct str rest, size_t *key, struct str *name)
{
	size_t count, longest = 0;
	const struct config_key *keys = config_keys(&count);
	for (size_t i = 0; i < count; i++) {
		struct str k = str_c(keys[i].key);
		if (!config_is_issuer_key(i) || k.len <= longest || rest.len < k.len + 2 ||
			rest.at[rest.len - k.len - 1] != '_' || !is_upper_of(str_skip(rest, rest.len - k.len), k))
			continue;
		longest = k.len;
		*key = i;
		*name = (struct str){ rest.at, rest.len - k.len - 1 };
	}
	return longest > 0;
}

static bool take_issuer_variable(struct loader *l, const char *variable, struct str rest, struct str value)
{
	size_t key;
	struct str name;
	char lower[33] = "";
	if (!split_issuer_variable(rest, &key, &name))
		return refuse(l, "%s: unknown key", variable);
	for (size_t i = 0; i < name.len && i < sizeof(lower) - 1; i++) {
		char c = name.at[i];
		bool is_lower = c >= 'a' && c <= 'z'; /* not allowed in a variable: refused in the same way as '-' */
		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : is_lower ? '-' : c;
	}
	size_t row = issuer_row(l, (struct str){ lower, name.len < sizeof(lower) ? name.len : sizeof(lower) });
	return row > 0 && set_key(l, row, key, variable, value);
}

/* `rest` is what follows TENANTD_. A variable that names no section of ours is ignored. */
static bool take_variable(struct loader *l, const char *variable, struct str rest, struct str value)
{
	size_t count;
	bool is_ours = false;
	const struct config_key *keys = config_keys(&count);
	if (str_starts(rest, STR("ISSUER_")))
		return take_issuer_variable(l, variable, str_skip(rest, 7), value);
	for (size_t i = 0; i < count; i++) {
		struct str section = str_c(keys[i].section), key = str_c(keys[i].key);
		struct str head = { rest.at, section.len < rest.len ? section.len : rest.len };
		if (config_is_issuer_key(i) || !is_upper_of(head, section) || rest.len <= section.len ||
			rest.at[section.len] != '_')
			continue;
		is_ours = true;
		if (is_upper_of(str_skip(rest, section.len + 1), key))
			return set_key(l, 0, i, variable, value);
	}
	return is_ours ? refuse(l, "%s: unknown key", variable) : true;
}

static bool load_environment(struct loader *l)
{
	struct str prefix = STR("TENANTD_");
	l->line = 0;
	memset(l->seen, 0, sizeof(l->seen));
	for (char **e = environ; e && *e; e++) {
		struct str name, value = str_split(str_c(*e), '=', &name);
		if (!str_starts(name, prefix))
			continue;
		if (!take_variable(l, arena_cstr(l->arena, name), str_skip(name, prefix.len), value))
			return false;
	}
	return true;
}

/* For example: "missing [tenancy] allowed_envs (or TENANTD_TENANCY_ALLOWED_ENVS)". */
static bool refuse_missing(struct loader *l, struct str section, const char *key)
{
	struct str variable = arena_printf(l->arena, "TENANTD_%.*s_%s", STR_ARG(section), key);
	char *text = arena_cstr(l->arena, variable);
	for (size_t i = 0; i < variable.len; i++)
		text[i] = text[i] == '.' ? '_' : upper(text[i]);
	return refuse(l, "missing [%.*s] %s (or %s)", STR_ARG(section), key, text);
}

static bool check_required(struct loader *l)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	for (size_t row = 0; row <= l->c->issuer_count; row++)
		for (size_t i = 0; i < count; i++) {
			if (config_is_issuer_key(i) != (row > 0) || keys[i].standard || l->set[row][i])
				continue;
			struct str section = str_c(keys[i].section);
			if (row > 0)
				section = arena_printf(l->arena, "issuer.%.*s", STR_ARG(l->c->issuers[row - 1].name));
			return refuse_missing(l, section, keys[i].key);
		}
	return true;
}

bool config_load(struct config *c, struct arena *a, const char *path, struct error *err)
{
	struct loader l = { .c = c, .arena = a, .err = err, .path = path };
	struct stat s;
	size_t count;
	(void)config_keys(&count);
	if (count > KEYS_MAX)
		BUG("%zu config keys, room for %d", count, KEYS_MAX);
	*c = (struct config){ 0 };
	store_defaults(&l, c, false);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	c->server.workers = cores < 1 ? 1 : cores > LIMIT_WORKERS ? LIMIT_WORKERS : cores;
	if (!load_file(&l, &s) || !load_environment(&l))
		return false;
	config_own_group_of(c->server.user.at);
	if (l.holds_secret && config_is_open_to_others(&s))
		return config_refuse_open_secret("[database] url", path, &s, err);
	return check_required(&l) && config_check(c, err);
}
