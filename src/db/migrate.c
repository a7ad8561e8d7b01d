/*
 * Brings the schema forward, one numbered file after the other, each whole or not at all. The lock is the
 * session's, so that it goes with a process that is killed; what ran is read again under it, for another may
 * have been faster. Must never run a file twice, nor go on from a database that these files do not describe.
 */
#include "db/migrate.h"

#include "core/log.h"
#include "db/pipeline.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MIGRATIONS_MAX = 9999, FILE_MAX = 1024 * 1024, DIGITS = 4 };

/* ---- the directory ---- */

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* NNNN_name.sql: the number, and the name without its end. */
static bool name_is_fit(struct str file, int *number, struct str *name)
{
	*name = str_of(file.at, file.len - 4);
	int64_t n;
	if (name->len < DIGITS + 2 || name->at[DIGITS] != '_' || !str_to_int64(str_of(file.at, DIGITS), &n))
		return false;
	for (size_t i = 0; i < name->len; i++)
		if (!is_name_char(name->at[i]))
			return false;
	*number = (int)n;
	return true;
}

static bool read_whole(struct arena *a, int fd, struct str *out)
{
	struct stat s;
	if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode) || s.st_size > FILE_MAX)
		return false;
	size_t size = (size_t)s.st_size, len = 0;
	char *text = arena_alloc(a, size + 1);
	while (len < size) {
		ssize_t n = read(fd, text + len, size - len);
		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		len += n > 0 ? (size_t)n : 0;
	}
	*out = str_of(text, len);
	return true;
}

static bool read_file(
	struct arena *a, const char *directory, const char *file, struct str *out, struct error *err)
{
	struct str path = arena_printf(a, "%s/%s", directory, file);
	int fd = open(path.at, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && read_whole(a, fd, out);
	if (fd >= 0)
		close(fd);
	return ok || error_log(err, ERR_INTERNAL, "cannot read migration '%s'", path.at);
}

static int by_number(const void *left, const void *right)
{
	const struct migration *l = left, *r = right;
	return l->number - r->number;
}

static bool add_file(
	struct migrations *m, struct arena *a, const char *directory, const char *file, struct error *err)
{
	struct str name = str_c(file);
	struct migration one = { .applied_at = STR("") };
	if (!str_ends(name, STR(".sql")))
		return true;
	if (!name_is_fit(name, &one.number, &one.name) || m->count == MIGRATIONS_MAX)
		return error_log(err, ERR_INTERNAL, "'%s/%s' is not named NNNN_name.sql", directory, file);
	one.name = arena_str(a, one.name);
	if (!read_file(a, directory, file, &one.sql, err))
		return false;
	m->at = arena_grow(a, m->at, m->count * sizeof(one), (m->count + 1) * sizeof(one));
	m->at[m->count++] = one;
	return true;
}

static bool read_directory(struct migrations *m, struct arena *a, const char *path, struct error *err)
{
	DIR *d = opendir(path);
	if (!d)
		return error_log(err, ERR_INTERNAL, "cannot read migrations '%s': %s", path, strerror(errno));
	bool ok = true;
	for (struct dirent *e; ok && (e = readdir(d));)
		ok = add_file(m, a, path, e->d_name, err);
	closedir(d);
	if (!ok)
		return false;
	if (m->count == 0)
		return error_log(err, ERR_INTERNAL, "no migrations in '%s'", path);
	qsort(m->at, m->count, sizeof(m->at[0]), by_number);
	for (size_t i = 0; i < m->count; i++)
		if (m->at[i].number != (int)i + 1)
			return error_log(err, ERR_INTERNAL,
				"migration '%.*s' stands where number %04zu should: numbers have neither gaps nor doubles",
				STR_ARG(m->at[i].name), i + 1);
	return true;
}

/* ---- what ran ---- */

#define AS_OWNER "BEGIN; SET LOCAL ROLE tenantd_owner; SET LOCAL search_path = pg_catalog; "

/* The checksum is the server's SHA-256: it had to read the file's text anyway, and this room hashes nothing. */
static bool find_checksums(struct migrations *m, struct db *db, struct arena *a, struct error *err)
{
	static const struct statement digest = { "migration_checksum",
		"SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to($1, 'UTF8')), 'hex')" };
	for (size_t i = 0; i < m->count; i++) {
		struct migration *one = &m->at[i];
		struct rows rows;
		if (!pipeline_add(db, a, &digest, &VALUE(one->sql), 1, err) ||
			!pipeline_run(db, a, &rows, 1, NULL, err))
			return err->code == ERR_INVALID_REQUEST &&
				error_log(err, ERR_INTERNAL, "migration '%.*s' is not text in UTF-8", STR_ARG(one->name));
		struct str hex = rows_value(&rows, 0, 0, NULL);
		if (hex.len != sizeof(one->checksum) - 1)
			BUG("a checksum of %zu digits", hex.len);
		memcpy(one->checksum, hex.at, hex.len);
	}
	return true;
}

static void note_applied(struct migrations *m, const struct rows *rows, size_t i)
{
	int64_t number;
	if (!str_to_int64(rows_value(rows, i, 0, NULL), &number) || number < 1 || number > (int64_t)m->count) {
		m->unknown++;
		return;
	}
	struct migration *one = &m->at[number - 1];
	one->is_applied = true;
	one->is_changed = !str_eq(rows_value(rows, i, 1, NULL), one->name) ||
		!str_eq(rows_value(rows, i, 2, NULL), str_c(one->checksum));
	one->applied_at = rows_value(rows, i, 3, NULL);
}

/* In a transaction of its own, as the owner; leaves it open, and the caller ends it. */
static bool select_applied(struct migrations *m, struct db *db, struct arena *a, struct error *err)
{
	struct rows rows;
	const struct value set = VALUE(m->set);
	if (!db_script(db, a,
			STR(AS_OWNER "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
						 " WHERE n.nspname = 'tenantd' AND c.relname = 'schema_migrations'"),
			&rows, err))
		return false;
	for (size_t i = 0; i < m->count; i++)
		m->at[i].is_applied = m->at[i].is_changed = false;
	m->unknown = 0;
	if (rows.count == 0)
		return true;
	if (!db_query(db, a,
			"SELECT number, name, checksum, to_char(applied_at AT TIME ZONE 'UTC', "
			"'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM tenantd.schema_migrations WHERE set_name = $1 "
			"ORDER BY number",
			&set, 1, &rows, err))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		note_applied(m, &rows, i);
	return true;
}

/* Ends a transaction that failed; the error to report is the one before. */
static void roll_back(struct db *db, struct arena *a)
{
	struct error unheard = ERROR_INIT;
	if (db_is_connected(db) && !db_is_idle(db) && !db_script(db, a, STR("ROLLBACK"), NULL, &unheard))
		db_close(db);
}

static bool read_applied(struct migrations *m, struct db *db, struct arena *a, struct error *err)
{
	bool ok = select_applied(m, db, a, err);
	roll_back(db, a);
	return ok;
}

bool migrations_read(struct migrations *m, struct db *db, struct arena *a, const char *set,
	const char *directory, struct error *err)
{
	*m = (struct migrations){ .set = str_c(set) };
	return read_directory(m, a, directory, err) && find_checksums(m, db, a, err) &&
		read_applied(m, db, a, err);
}

/* ---- applying ---- */

static bool make_table(struct db *db, struct arena *a, struct error *err)
{
	bool ok = db_script(db, a,
		STR(AS_OWNER "CREATE SCHEMA IF NOT EXISTS tenantd;"
					 "CREATE TABLE IF NOT EXISTS tenantd.schema_migrations ("
					 "  set_name text COLLATE \"C\" NOT NULL CHECK (set_name ~ '^[a-z][a-z0-9_]{0,62}$'),"
					 "  number integer NOT NULL CHECK (number > 0),"
					 "  name text NOT NULL,"
					 "  checksum text NOT NULL,"
					 "  applied_at timestamptz NOT NULL DEFAULT now(),"
					 "  PRIMARY KEY (set_name, number));"
					 "COMMENT ON TABLE tenantd.schema_migrations IS 'Which files of which set ran here';"
					 "COMMIT"),
		NULL, err);
	roll_back(db, a);
	return ok;
}

/* A database that these files do not describe is left alone. */
static bool check_fit(const struct migrations *m, struct error *err)
{
	if (m->unknown > 0)
		return error_log(err, ERR_CONFLICT,
			"%zu migrations ran here that these files do not know: the database is newer, use its own "
			"tenantctl",
			m->unknown);
	for (size_t i = 0; i < m->count; i++) {
		if (m->at[i].is_changed)
			return error_log(err, ERR_CONFLICT,
				"migration '%.*s' was changed after it ran: restore the file and write a new one",
				STR_ARG(m->at[i].name));
		if (i > 0 && m->at[i].is_applied && !m->at[i - 1].is_applied)
			return error_log(err, ERR_CONFLICT, "migration '%.*s' did not run though a later one did",
				STR_ARG(m->at[i - 1].name));
	}
	return true;
}

/* Writes the record, once the file turned out to have left our transaction alone: what is set for the
 * transaction is gone when the file ended it. */
static bool record(
	struct str set, const struct migration *one, struct db *db, struct arena *a, struct error *err)
{
	struct rows rows;
	if (!db_query(db, a, "SELECT pg_catalog.current_setting('tenantd.migration', true)", NULL, 0, &rows, err))
		return false;
	if (!str_eq(rows_value(&rows, 0, 0, NULL), one->name))
		return error_log(err, ERR_INTERNAL, "it ends its transaction, which is not its own");
	const struct value values[] = { VALUE(set), VALUE(arena_printf(a, "%d", one->number)), VALUE(one->name),
		VALUE_C(one->checksum) };
	return db_script(db, a, STR("SET LOCAL ROLE tenantd_owner"), NULL, err) &&
		db_query(db, a,
			"INSERT INTO tenantd.schema_migrations (set_name, number, name, checksum) "
			"VALUES ($1, $2::text::integer, $3, $4)",
			values, COUNT_OF(values), NULL, err) &&
		db_script(db, a, STR("COMMIT"), NULL, err);
}

static bool apply_one(
	struct str set, const struct migration *one, struct db *db, struct arena *a, struct error *err)
{
	/* the name has only [a-z0-9_] in it */
	struct str begin = arena_printf(a, AS_OWNER "SET LOCAL tenantd.migration = '%.*s'", STR_ARG(one->name));
	bool ok = db_script(db, a, begin, NULL, err) && db_script(db, a, one->sql, NULL, err) &&
		record(set, one, db, a, err);
	roll_back(db, a);
	if (!ok)
		return error_log(err, err->code, "migration '%.*s': %s", STR_ARG(one->name),
			arena_str(a, str_c(err->operator)).at);
	LOG(INFO, "migration_applied", LOG_STR("set", set), LOG_STR("migration", one->name));
	return true;
}

static bool apply_all(
	struct migrations *m, struct db *db, struct arena *a, size_t *applied, struct error *err)
{
	if (!make_table(db, a, err) || !read_applied(m, db, a, err) || !check_fit(m, err))
		return false;
	for (size_t i = 0; i < m->count; i++) {
		if (m->at[i].is_applied)
			continue;
		if (!apply_one(m->set, &m->at[i], db, a, err))
			return false;
		++*applied;
	}
	return read_applied(m, db, a, err);
}

/* The number means nothing; nobody else in this database should use it. */
#define LOCK_KEY "7881696318374"

bool migrations_apply(
	struct migrations *m, struct db *db, struct arena *a, size_t *applied, struct error *err)
{
	*applied = 0;
	if (!db_script(db, a, STR("SELECT pg_catalog.pg_advisory_lock(" LOCK_KEY ")"), NULL, err)) {
		bool is_taken = str_starts(str_c(err->operator), STR("55P03")); /* lock timeout */
		return is_taken &&
			error_log(err, ERR_UNAVAILABLE, "another migration is running, try again when it ended");
	}
	bool ok = apply_all(m, db, a, applied, err);
	struct error unheard = ERROR_INIT;
	if (db_is_connected(db) &&
		!db_script(db, a, STR("SELECT pg_catalog.pg_advisory_unlock(" LOCK_KEY ")"), NULL, &unheard))
		db_close(db); /* which gives it up, too */
	return ok;
}
