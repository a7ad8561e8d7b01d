/*
 * Runs the numbered files of the schema that have not run yet, and then its functions. The lock belongs to
 * the session, so that it is released when the process is killed. Once the lock is held, the record of what
 * ran is read again, because another process may have been faster. Must never run a migration twice, and
 * never continue from a database that these files do not describe.
 */
#include "db/migrate.h"

#include "core/limits.h"
#include "core/log.h"
#include "db/pipeline.h"

#include <sys/stat.h>

enum { DIGITS = 4, LOCK_TRIES = 300 };

#define LOCK_TRY_MS "200" /* less than LIMIT_SLOW_MS */

/* ---- the files ---- */

/* Reads the number of NNNN_name. */
static bool number_of(struct str name, int *number)
{
	int64_t n;
	if (name.len < DIGITS + 2 || name.at[DIGITS] != '_' || !str_to_int64(str_of(name.at, DIGITS), &n))
		return false;
	*number = (int)n;
	return true;
}

static bool read_directory(
	struct migrations *m, struct db *db, struct arena *a, const char *path, struct error *err)
{
	struct script_file *files;
	if (!script_files_read(db, a, path, &files, &m->count, err))
		return false;
	if (m->count == 0)
		return error_log(err, ERR_INTERNAL, "no migrations in '%s'", path);
	m->at = ARENA_ARRAY(a, struct migration, m->count);
	for (size_t i = 0; i < m->count; i++) {
		struct migration *one = &m->at[i];
		*one = (struct migration){
			.file = &files[i], .name = files[i].name, .checksum = files[i].checksum, .applied_at = STR("")
		};
		if (!number_of(one->name, &one->number))
			return error_log(
				err, ERR_INTERNAL, "'%s/%.*s.sql' is not named NNNN_name.sql", path, STR_ARG(one->name));
		if (one->number != (int)i + 1)
			return error_log(err, ERR_INTERNAL,
				"migration '%.*s' stands where number %04zu should: numbers have neither gaps nor doubles",
				STR_ARG(one->name), i + 1);
	}
	return true;
}

static bool read_families(
	struct migrations *m, struct db *db, struct arena *a, const char *directory, struct error *err)
{
	struct stat s;
	struct script_file *files;
	const char *path = arena_printf(a, "%s/../functions", directory).at;
	if (!str_eq(m->set, STR(MIGRATIONS_SCHEMA)) || stat(path, &s) != 0)
		return true;
	if (!script_files_read(db, a, path, &files, &m->family_count, err))
		return false;
	m->families = ARENA_ARRAY(a, struct family, m->family_count);
	for (size_t i = 0; i < m->family_count; i++)
		m->families[i] = (struct family){
			.file = &files[i], .name = files[i].name, .checksum = files[i].checksum, .applied_at = STR("")
		};
	return true;
}

/* ---- what ran ---- */

#define AS_OWNER "BEGIN; SET LOCAL ROLE tenantd_owner; SET LOCAL search_path = pg_catalog; "
#define AT_UTC "to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

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

/* There is a row for each run of a family's file; the latest run of a family comes first. */
static void note_family(struct migrations *m, const struct rows *rows, size_t i)
{
	struct str name = rows_value(rows, i, 0, NULL), checksum = rows_value(rows, i, 1, NULL);
	bool is_last = i == 0 || !str_eq(name, rows_value(rows, i - 1, 0, NULL));
	struct family *family = NULL;
	for (size_t j = 0; j < m->family_count && !family; j++)
		if (str_eq(m->families[j].name, name))
			family = &m->families[j];
	if (!family) {
		m->unknown_families += is_last;
		return;
	}
	if (is_last)
		family->applied_at = rows_value(rows, i, 2, NULL);
	if (str_eq(checksum, str_c(family->checksum)) && family->state != FAMILY_APPLIED)
		family->state = is_last ? FAMILY_APPLIED : FAMILY_OLDER;
}

/* Reads what ran, in a transaction as the owner. It leaves that open, and the caller ends it. */
static bool select_applied(struct migrations *m, struct db *db, struct arena *a, struct error *err)
{
	struct rows rows;
	const struct value set = VALUE(m->set);
	for (size_t i = 0; i < m->count; i++)
		m->at[i].is_applied = m->at[i].is_changed = false;
	for (size_t i = 0; i < m->family_count; i++)
		m->families[i].state = FAMILY_PENDING;
	m->unknown = m->unknown_families = 0;
	if (!db_script(db, a,
			STR(AS_OWNER "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
						 " WHERE n.nspname = 'tenantd' AND c.relname = 'schema_functions'"),
			&rows, err))
		return false;
	if (rows.count == 0)
		return true;
	if (!db_query(db, a,
			"SELECT number, name, checksum, " AT_UTC
			" FROM tenantd.schema_migrations WHERE set_name = $1 ORDER BY number",
			&set, 1, &rows, err))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		note_applied(m, &rows, i);
	if (m->family_count == 0)
		return true;
	if (!db_query(db, a,
			"SELECT family, checksum, " AT_UTC
			" FROM tenantd.schema_functions ORDER BY family, applied_at DESC",
			NULL, 0, &rows, err))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		note_family(m, &rows, i);
	return true;
}

/* Ends a transaction that failed. An error of this is dropped: the caller reports the one before. */
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
	return read_directory(m, db, a, directory, err) && read_families(m, db, a, directory, err) &&
		read_applied(m, db, a, err);
}

const char *family_state_name(enum family_state state)
{
	static const char *const names[] = {
		[FAMILY_PENDING] = "pending", [FAMILY_APPLIED] = "applied", [FAMILY_OLDER] = "older"
	};
	return names[state];
}

/* ---- applying ---- */

static bool make_tables(struct db *db, struct arena *a, struct error *err)
{
	bool ok = db_script(db, a,
		STR(AS_OWNER
			"CREATE SCHEMA IF NOT EXISTS tenantd;"
			"CREATE TABLE IF NOT EXISTS tenantd.schema_migrations ("
			"  set_name text COLLATE \"C\" NOT NULL CHECK (set_name ~ '^[a-z][a-z0-9_]{0,62}$'),"
			"  number integer NOT NULL CHECK (number > 0),"
			"  name text NOT NULL,"
			"  checksum text NOT NULL,"
			"  applied_at timestamptz NOT NULL DEFAULT now(),"
			"  PRIMARY KEY (set_name, number));"
			"COMMENT ON TABLE tenantd.schema_migrations IS 'Which files of which set ran here';"
			"CREATE TABLE IF NOT EXISTS tenantd.schema_functions ("
			"  family text COLLATE \"C\" NOT NULL,"
			"  checksum text NOT NULL,"
			"  applied_at timestamptz NOT NULL DEFAULT now(),"
			"  PRIMARY KEY (family, applied_at));"
			"COMMENT ON TABLE tenantd.schema_functions IS 'Which files of functions ran here; of each family the last one counts';"
			"COMMIT"),
		NULL, err);
	roll_back(db, a);
	return ok;
}

/* Refuses a database that these files do not describe. */
static bool check_fit(const struct migrations *m, bool puts_back, struct error *err)
{
	if (m->unknown + m->unknown_families > 0)
		return error_log(err, ERR_CONFLICT,
			"%zu migrations ran here that these files do not know: the database is newer, use its own "
			"tenantctl",
			m->unknown + m->unknown_families);
	for (size_t i = 0; i < m->count; i++) {
		if (m->at[i].is_changed)
			return error_log(err, ERR_CONFLICT,
				"migration '%.*s' was changed after it ran: restore the file and write a new one",
				STR_ARG(m->at[i].name));
		if (i > 0 && m->at[i].is_applied && !m->at[i - 1].is_applied)
			return error_log(err, ERR_CONFLICT, "migration '%.*s' did not run though a later one did",
				STR_ARG(m->at[i - 1].name));
	}
	for (size_t i = 0; i < m->family_count && !puts_back; i++)
		if (m->families[i].state == FAMILY_OLDER)
			return error_log(err, ERR_CONFLICT,
				"the functions '%.*s' of these files were replaced by newer ones on %.*s: use the database's own "
				"tenantctl, or say --put-back to have the older ones again",
				STR_ARG(m->families[i].name), STR_ARG(m->families[i].applied_at));
	return true;
}

static bool run_migration(
	struct str set, const struct migration *one, struct db *db, struct arena *a, struct error *err)
{
	const struct value values[] = { VALUE(set), VALUE(arena_printf(a, "%d", one->number)), VALUE(one->name),
		VALUE_C(one->checksum) };
	return script_file_run(db, a, one->file, err) &&
		db_query(db, a,
			"INSERT INTO tenantd.schema_migrations (set_name, number, name, checksum) "
			"VALUES ($1, $2::text::integer, $3, $4)",
			values, COUNT_OF(values), NULL, err);
}

static bool run_family(const struct family *one, struct db *db, struct arena *a, struct error *err)
{
	const struct value values[] = { VALUE(one->name), VALUE_C(one->checksum) };
	return script_file_run(db, a, one->file, err) &&
		db_query(db, a, "INSERT INTO tenantd.schema_functions (family, checksum) VALUES ($1, $2)", values,
			COUNT_OF(values), NULL, err);
}

static void log_applied(const struct migrations *m, const struct migration *one)
{
	LOG(INFO, "migration_applied", LOG_STR("set", m->set), LOG_STR("migration", one->name));
}

/* What try_schema has run, once it is committed. */
static void log_schema(const struct migrations *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (!m->at[i].is_applied)
			log_applied(m, &m->at[i]);
	for (size_t i = 0; i < m->family_count; i++)
		if (m->families[i].state != FAMILY_APPLIED)
			LOG(INFO, "functions_applied", LOG_STR("family", m->families[i].name));
}

/* Opens the transaction of a try. A request that comes while a migration waits for a table waits behind it; after a while
 * it counts as slow, and after [limits] lock_timeout it is refused. So a migration waits for less than that, lets the
 * others go first, and is tried again. */
static bool begin_try(struct db *db, struct arena *a, struct error *err)
{
	return db_script(db, a, STR("BEGIN; SET LOCAL lock_timeout = " LOCK_TRY_MS), NULL, err);
}

/* True when a try failed for want of a lock only, and another one may follow. */
static bool may_try_again(const struct db *db, int tries, struct error *err)
{
	bool is_held = strcmp(err->sqlstate, "55P03") == 0 || strcmp(err->sqlstate, "40P01") == 0;
	if (!is_held || tries >= LOCK_TRIES || !db_is_connected(db))
		return false;
	*err = (struct error)ERROR_INIT;
	return true;
}

/* Runs all of the schema in one transaction. Bodies are not checked, because a function may call one of a
 * family that comes later. */
static bool try_schema(
	struct migrations *m, struct db *db, struct arena *a, size_t *applied, struct error *err)
{
	size_t count = 0;
	bool ok =
		begin_try(db, a, err) && db_script(db, a, STR("SET LOCAL check_function_bodies = off"), NULL, err);
	for (size_t i = 0; ok && i < m->count; i++) {
		if (m->at[i].is_applied)
			continue;
		ok = run_migration(m->set, &m->at[i], db, a, err);
		count++;
	}
	for (size_t i = 0; ok && i < m->family_count; i++) {
		if (m->families[i].state == FAMILY_APPLIED)
			continue;
		ok = run_family(&m->families[i], db, a, err);
		count++;
	}
	if (ok && count > 0)
		ok = db_script(db, a, STR("SELECT tenantd.audit_renew(), tenantd.expect_objects()"), NULL, err);
	ok = ok && db_script(db, a, STR("COMMIT"), NULL, err);
	roll_back(db, a);
	if (ok)
		*applied = count;
	return ok;
}

static bool apply_schema(struct migrations *m, struct db *db, size_t *applied, struct error *err)
{
	bool ok = false;
	for (int tries = 1; !ok; tries++) {
		struct arena *own = arena_new(LIMIT_REQUEST_POOL);
		ok = try_schema(m, db, own, applied, err);
		arena_free(own);
		if (!ok && !may_try_again(db, tries, err))
			return false;
	}
	log_schema(m);
	return true;
}

static bool try_migration(
	const struct migrations *m, const struct migration *one, struct db *db, struct error *err)
{
	struct arena *own = arena_new(LIMIT_REQUEST_POOL);
	bool ok = begin_try(db, own, err) && run_migration(m->set, one, db, own, err) &&
		db_script(db, own, STR("COMMIT"), NULL, err);
	roll_back(db, own);
	arena_free(own);
	return ok;
}

/* Runs each migration in a transaction of its own. */
static bool apply_each(struct migrations *m, struct db *db, size_t *applied, struct error *err)
{
	for (size_t i = 0; i < m->count; i++) {
		int tries = 1;
		if (m->at[i].is_applied)
			continue;
		while (!try_migration(m, &m->at[i], db, err))
			if (!may_try_again(db, tries++, err))
				return false;
		log_applied(m, &m->at[i]);
		++*applied;
	}
	return true;
}

static bool apply_all(
	struct migrations *m, struct db *db, struct arena *a, bool puts_back, size_t *applied, struct error *err)
{
	if (!make_tables(db, a, err) || !read_applied(m, db, a, err) || !check_fit(m, puts_back, err))
		return false;
	return (m->family_count > 0 ? apply_schema : apply_each)(m, db, applied, err) &&
		read_applied(m, db, a, err);
}

/* An arbitrary number, which nothing else in this database should use for an advisory lock. */
#define LOCK_KEY "7881696318374"

bool migrations_apply(
	struct migrations *m, struct db *db, struct arena *a, bool puts_back, size_t *applied, struct error *err)
{
	*applied = 0;
	if (!db_script(db, a, STR("SELECT pg_catalog.pg_advisory_lock(" LOCK_KEY ")"), NULL, err)) {
		bool is_taken = str_starts(str_c(err->operator), STR("55P03")); /* lock timeout */
		return is_taken &&
			error_log(err, ERR_UNAVAILABLE, "another migration is running, try again when it has ended");
	}
	bool ok = apply_all(m, db, a, puts_back, applied, err);
	struct error unheard = ERROR_INIT;
	if (db_is_connected(db) &&
		!db_script(db, a, STR("SELECT pg_catalog.pg_advisory_unlock(" LOCK_KEY ")"), NULL, &unheard))
		db_close(db); /* which gives it up, too */
	return ok;
}
