/* Files of SQL in a directory, with the checksum by which it is known whether one ran here. */
#ifndef TENANTD_DB_SCRIPT_FILE_H
#define TENANTD_DB_SCRIPT_FILE_H

#include "db/conn.h"

struct script_file {
	struct str name; /* of the file, without .sql */
	struct str sql;
	char checksum[65]; /* SHA-256 in hex, terminated */
};

enum { SCRIPT_FILES_MAX = 9999 };

/* The *.sql of a directory, by their names. Refuses a name that is not of a-z, 0-9 and _, and what is not text in UTF-8. */
MUST_CHECK bool script_files_read(struct db *db, struct arena *a, const char *directory,
	struct script_file **files, size_t *count, struct error *err);

/* Runs one inside of the transaction that is open: as tenantd_owner, with pg_catalog for its path. Refuses one that ends the
 * transaction, which is not its own. */
MUST_CHECK bool script_file_run(
	struct db *db, struct arena *a, const struct script_file *file, struct error *err);

#endif
