/* tenantctl migrate and context-key: the migrations, and the key by which the database recognises its
 * workers. */
#include "crypto/context_key.h"
#include "crypto/digest.h"
#include "ctl.h"
#include "db/migrate.h"

#include <stdio.h>

/* The sets that are installed with tenantd. Any other belongs to the application and needs --directory. */
static const struct {
	const char *set, *directory;
} shipped[] = {
	{ MIGRATIONS_SCHEMA, PKGDATADIR "/migrations" },
	{ "areas", PKGDATADIR "/areas" },
};

static bool is_set_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.at[i] >= 'a' && s.at[i] <= 'z') && s.at[i] != '_' &&
			!(i > 0 && s.at[i] >= '0' && s.at[i] <= '9'))
			return false;
	return s.len > 0 && s.len < 64 && s.at[0] != '_';
}

static bool read_migrations(struct ctl *ctl, struct migrations *m, struct error *err)
{
	const char *set = ctl_option(ctl, "--set"), *directory = ctl_option(ctl, "--directory");
	if (!set)
		set = MIGRATIONS_SCHEMA;
	for (size_t i = 0; i < COUNT_OF(shipped) && !directory; i++)
		if (strcmp(set, shipped[i].set) == 0)
			directory = shipped[i].directory;
	if (!is_set_name(str_c(set)))
		return error_log(err, ERR_INVALID_REQUEST, "'%s' is no name for a set of migrations", set);
	if (!directory)
		return error_log(err, ERR_INVALID_REQUEST, "the set '%s' is not shipped, say --directory", set);
	return ctl_connect(ctl, err) && migrations_read(m, ctl->db, ctl->arena, set, directory, err);
}

enum ctl_status ctl_migrate_up(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct migrations m;
	size_t applied = 0;
	struct str key_id;
	if (!read_migrations(ctl, &m, &err))
		return ctl_fail(&err);
	bool puts_back = ctl_option(ctl, "--put-back") != NULL;
	bool ok = migrations_apply(&m, ctl->db, ctl->arena, puts_back, &applied, &err);
	printf("%zu of %zu migrations and families of functions applied\n", applied, m.count + m.family_count);
	if (ok && !str_eq(m.set, STR(MIGRATIONS_SCHEMA)))
		return CTL_OK;
	if (!ok || !ctl_install_context_key(ctl, &key_id, &err))
		return ctl_fail(&err);
	printf("context key %.*s is in place\n", STR_ARG(key_id));
	return CTL_OK;
}

static const char *state_of(const struct migration *one)
{
	return one->is_changed ? "changed" : one->is_applied ? "applied" : "pending";
}

static void write_one(
	struct buf *b, const char *state, const char *checksum, bool is_applied, struct str applied_at)
{
	json_write_c(b, "state", state);
	json_write_c(b, "checksum", checksum);
	if (is_applied)
		json_write_text(b, "applied_at", applied_at);
	json_write_close(b, '}');
}

static enum ctl_status print_json(struct arena *a, const struct migrations *m)
{
	struct buf b;
	buf_init(&b, a, LIMIT_RESPONSE);
	json_write_open(&b, NULL, '{');
	json_write_open(&b, "migrations", '[');
	for (const struct migration *one = m->at; one < m->at + m->count; one++) {
		json_write_open(&b, NULL, '{');
		json_write_int(&b, "number", one->number);
		json_write_text(&b, "name", one->name);
		write_one(&b, state_of(one), one->checksum, one->is_applied, one->applied_at);
	}
	json_write_close(&b, ']');
	json_write_open(&b, "functions", '[');
	for (const struct family *one = m->families; one < m->families + m->family_count; one++) {
		json_write_open(&b, NULL, '{');
		json_write_text(&b, "family", one->name);
		write_one(&b, family_state_name(one->state), one->checksum, !str_is_empty(one->applied_at),
			one->applied_at);
	}
	json_write_close(&b, ']');
	json_write_int(&b, "unknown", (int64_t)(m->unknown + m->unknown_families));
	json_write_close(&b, '}');
	return ctl_print_json(&b);
}

static void print_table(const struct migrations *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct migration *one = &m->at[i];
		printf("%-32.*s  %s%s%.*s\n", STR_ARG(one->name), state_of(one), one->is_applied ? "  " : "",
			STR_ARG(one->applied_at));
	}
	for (size_t i = 0; i < m->family_count; i++) {
		const struct family *one = &m->families[i];
		printf("functions/%-22.*s  %s%s%.*s\n", STR_ARG(one->name), family_state_name(one->state),
			str_is_empty(one->applied_at) ? "" : "  ", STR_ARG(one->applied_at));
	}
	if (m->unknown + m->unknown_families > 0)
		printf("%zu more ran that these files do not know: the database is newer\n",
			m->unknown + m->unknown_families);
}

enum ctl_status ctl_migrate_status(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct migrations m;
	if (!read_migrations(ctl, &m, &err))
		return ctl_fail(&err);
	if (ctl_option(ctl, "--json"))
		return print_json(ctl->arena, &m);
	print_table(&m);
	return CTL_OK;
}

enum ctl_status ctl_migrate_verify(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct migrations m;
	if (!read_migrations(ctl, &m, &err))
		return ctl_fail(&err);
	size_t wrong = m.unknown + m.unknown_families;
	for (size_t i = 0; i < m.count; i++) {
		const struct migration *one = &m.at[i];
		if (one->is_applied && !one->is_changed)
			continue;
		printf("%.*s: %s\n", STR_ARG(one->name), state_of(one));
		wrong++;
	}
	for (size_t i = 0; i < m.family_count; i++) {
		const struct family *one = &m.families[i];
		if (one->state == FAMILY_APPLIED)
			continue;
		printf("functions/%.*s: %s\n", STR_ARG(one->name), family_state_name(one->state));
		wrong++;
	}
	if (m.unknown + m.unknown_families > 0)
		printf("%zu that ran are not on disk\n", m.unknown + m.unknown_families);
	if (wrong == 0)
		printf("all %zu migrations and families of functions ran as they stand on disk\n",
			m.count + m.family_count);
	return wrong == 0 ? CTL_OK : CTL_FAILED;
}

bool ctl_install_context_key(struct ctl *ctl, struct str *id, struct error *err)
{
	struct str key;
	struct rows rows;
	if (!context_key_read(ctl->arena, &ctl->config, &key, err))
		return false;
	struct value hex = VALUE(hex_encode(ctl->arena, key.at, key.len));
	if (!db_query(
			ctl->db, ctl->arena, "SELECT tenantd.context_key_add(decode($1, 'hex'))", &hex, 1, &rows, err))
		return false;
	*id = rows_value(&rows, 0, 0, NULL);
	return true;
}

enum ctl_status ctl_context_key_add(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct str id;
	if (!ctl_connect(ctl, &err) || !ctl_install_context_key(ctl, &id, &err))
		return ctl_fail(&err);
	printf("context key %.*s is in place\n", STR_ARG(id));
	return CTL_OK;
}

enum ctl_status ctl_context_key_drop(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	const struct value values[] = { VALUE_C(ctl->args[0]), VALUE_C(ctl_option(ctl, "--force") ? "t" : "f") };
	if (!ctl_connect(ctl, &err) ||
		!db_query(ctl->db, ctl->arena, "SELECT tenantd.context_key_drop($1, $2)", values, COUNT_OF(values),
			&rows, &err))
		return ctl_fail(&err);
	if (str_eq(rows_value(&rows, 0, 0, NULL), STR("t"))) {
		printf("context key %s is gone\n", ctl->args[0]);
		return CTL_OK;
	}
	error_log(&err, ERR_NOT_FOUND, "no context key '%s'", ctl->args[0]);
	return ctl_fail(&err);
}

static enum ctl_status print_keys_json(struct arena *a, const struct rows *rows)
{
	struct buf b;
	buf_init(&b, a, LIMIT_RESPONSE);
	json_write_open(&b, NULL, '[');
	for (size_t i = 0; i < rows->count; i++) {
		json_write_open(&b, NULL, '{');
		json_write_text(&b, "id", rows_value(rows, i, 0, NULL));
		json_write_text(&b, "created_at", rows_value(rows, i, 1, NULL));
		json_write_close(&b, '}');
	}
	json_write_close(&b, ']');
	return ctl_print_json(&b);
}

/* Only ids, which are fingerprints, and times are read from the table, never a key. */
enum ctl_status ctl_context_key_list(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	if (!ctl_connect(ctl, &err) ||
		!db_script(ctl->db, ctl->arena,
			STR("BEGIN READ ONLY; SET LOCAL ROLE tenantd_context;"
				"SELECT id, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
				" FROM tenantd.context_keys ORDER BY created_at, id"),
			&rows, &err))
		return ctl_fail(&err);
	if (ctl_option(ctl, "--json"))
		return print_keys_json(ctl->arena, &rows);
	for (size_t i = 0; i < rows.count; i++)
		printf(
			"%.*s  %.*s\n", STR_ARG(rows_value(&rows, i, 0, NULL)), STR_ARG(rows_value(&rows, i, 1, NULL)));
	return CTL_OK;
}

enum ctl_status ctl_context_key_new(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	unsigned char key[SHA256_SIZE];
	digest_random(key, sizeof(key));
	struct str line = arena_printf(ctl->arena, "%s\n", hex_encode(ctl->arena, key, sizeof(key)).at);
	explicit_bzero(key, sizeof(key));
	if (!ctl_write_new(ctl->args[0], line, 0600, &err))
		return ctl_fail(&err);
	/* The first key is made before there is a configuration that names whom it is for. */
	struct error unconfigured = ERROR_INIT;
	if (ctl_configure(ctl, &unconfigured) && !ctl_hand_over(ctl, ctl->args[0], 0640, &err))
		return ctl_fail(&err);
	return CTL_OK;
}
