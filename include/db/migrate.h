/*
 * What the database is made of, brought forward. A set is a directory of migrations, NNNN_name.sql, numbered without gaps
 * and each run once: the schema itself, the shipped areas, the application's own. What ran stands, by its checksum (SHA-256
 * of the file), in tenantd.schema_migrations, which `up` makes first. There is no way down.
 *
 * Beside the migrations of the schema stand its functions, ../functions/FAMILY.sql: each function is defined once, with CREATE OR
 * REPLACE, and a family runs again whenever its file is another one than it was. What ran stands in
 * tenantd.schema_functions, with all that ran before.
 *
 * Migrations of the schema and families run in one transaction, so that workers see the old ones or the new ones and nothing
 * between. Migrations of any other set run in one transaction each. All of them run as tenantd_owner, under one advisory
 * lock.
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
	FAMILY_PENDING, /* it never ran, or another file of this name did */
	FAMILY_APPLIED, /* this file ran last */
	FAMILY_OLDER, /* this file ran, and was replaced since: the database is newer */
};

struct family {
	const struct script_file *file;
	struct str name;
	const char *checksum;
	enum family_state state;
	struct str applied_at; /* when the one ran that is in the database; empty: none */
};

#define MIGRATIONS_SCHEMA "tenantd" /* the set that every other one stands on */

struct migrations {
	struct str set;
	struct migration *at;
	size_t count;
	size_t unknown; /* applied ones that are not on disk: the database is newer than these files */
	struct family *families; /* of the set MIGRATIONS_SCHEMA alone, when there are some */
	size_t family_count;
	size_t unknown_families; /* as unknown */
};

/* Reads the directory (refusing gaps, duplicates and misnamed *.sql) and what of the set ran. */
MUST_CHECK bool migrations_read(struct migrations *m, struct db *db, struct arena *a, const char *set,
	const char *directory, struct error *err);
/* Runs what did not run, in order; *applied counts it. Refuses first when a migration that ran was changed or the database is
 * newer (T115): ERR_CONFLICT. `puts_back` allows families that are older than the database's. Waits for the advisory
 * lock up to lock_ms, then ERR_UNAVAILABLE. */
MUST_CHECK bool migrations_apply(
	struct migrations *m, struct db *db, struct arena *a, bool puts_back, size_t *applied, struct error *err);

/* "pending", "applied", "older". */
const char *family_state_name(enum family_state state);

#endif
