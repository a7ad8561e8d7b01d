/*
 * Migrations. A set is a directory of files NNNN_name.sql, which are numbered without gaps and each run once.
 * The schema itself is one set; the shipped areas and the application have their own. Each file that ran is
 * recorded with its checksum (SHA-256 of the file) in tenantd.schema_migrations, which `up` makes first.
 * There is no way down.
 *
 * The functions of the schema are beside its migrations, in ../functions/FAMILY.sql. Each function is defined
 * in one place, with CREATE OR REPLACE, and a family runs again whenever its file has changed. Each run is
 * recorded in tenantd.schema_functions, where earlier ones stay.
 *
 * The migrations of the schema and the families run in one transaction, so that workers see either all of the
 * old ones or all of the new ones. The migrations of any other set run in one transaction each. All of them
 * run as tenantd_owner, under one advisory lock.
 */
#ifndef TENANTD_DB_MIGRATE_H
#define TENANTD_DB_MIGRATE_H

#include "db/script_file.h"

struct migration {
	int number;
	const struct script_file *file;
	struct str name; /* of the file, without .sql */
	const char *checksum; /* hex */
	bool is_applied;
	bool is_changed; /* applied with another checksum */
	struct str applied_at; /* RFC 3339; empty when not applied */
};

enum family_state {
	FAMILY_PENDING, /* this content of the file never ran here */
	FAMILY_APPLIED, /* this content ran last */
	FAMILY_OLDER, /* this content ran and was replaced later: the database is newer */
};

struct family {
	const struct script_file *file;
	struct str name;
	const char *checksum;
	enum family_state state;
	struct str applied_at; /* when the version ran that is now in the database; empty: none */
};

#define MIGRATIONS_SCHEMA "tenantd" /* the set of the schema itself, which every other one needs */

struct migrations {
	struct str set;
	struct migration *at;
	size_t count;
	size_t unknown; /* how many ran that are not on disk: the database is newer than these files */
	struct family *families; /* only the set MIGRATIONS_SCHEMA may have some */
	size_t family_count;
	size_t unknown_families; /* the same as `unknown`, for families */
};

/* Reads the directory, and from the database what of the set ran. Refuses gaps, duplicates and misnamed
 * *.sql. */
MUST_CHECK bool migrations_read(struct migrations *m, struct db *db, struct arena *a, const char *set,
	const char *directory, struct error *err);
/* Runs in order what has not run yet; *applied counts that. Before anything runs, it refuses with
 * ERR_CONFLICT when a migration was changed after it ran or the database is newer (T115). `puts_back`
 * allows families that are older than those of the database. When the advisory lock is not free within
 * lock_ms: ERR_UNAVAILABLE. */
MUST_CHECK bool migrations_apply(
	struct migrations *m, struct db *db, struct arena *a, bool puts_back, size_t *applied, struct error *err);

/* "pending", "applied", "older". */
const char *family_state_name(enum family_state state);

#endif
