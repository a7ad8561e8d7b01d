/*
 * Migrations: db/migrations/NNNN_name.sql, numbered without gaps, checksummed (SHA-256 of the file), each in
 * one transaction as tenantd_owner, all under one advisory lock. What ran stands in tenantd.schema_migrations,
 * which `up` makes first. Additive: there is no way down.
 */
#ifndef TENANTD_DB_MIGRATE_H
#define TENANTD_DB_MIGRATE_H

#include "db/conn.h"

struct migration {
	int number;
	struct str name; /* of the file, without .sql */
	struct str sql;
	char checksum[65]; /* hex, terminated */
	bool is_applied;
	bool is_changed; /* applied with another checksum */
	struct str applied_at; /* RFC 3339; empty when not applied */
};

struct migrations {
	struct migration *at;
	size_t count;
	size_t unknown; /* applied ones that are not on disk: the database is newer than these files */
};

/* Reads the directory (refusing gaps, duplicates and misnamed *.sql) and what ran. */
MUST_CHECK bool migrations_read(
	struct migrations *m, struct db *db, struct arena *a, const char *directory, struct error *err);
/* Applies those that did not run, in order; `applied` counts them. Refuses first when one that ran was
 * changed or the database is newer (T115). Each: BEGIN; SET LOCAL ROLE tenantd_owner; the file; the record;
 * COMMIT. Waits for the advisory lock up to lock_ms, then ERR_UNAVAILABLE. */
MUST_CHECK bool migrations_apply(
	struct migrations *m, struct db *db, struct arena *a, size_t *applied, struct error *err);

#endif
