/* Files of SQL in a directory. Each has a checksum, by which we know whether it ran here. */
#ifndef TENANTD_DB_SCRIPT_FILE_H
#define TENANTD_DB_SCRIPT_FILE_H

#include "db/conn.h"

struct script_file {
	struct str name; /* of the file, without .sql */
	struct str sql;
	char checksum[65]; /* SHA-256 in hex, terminated */
};

enum { SCRIPT_FILES_MAX = 9999 };

/* Reads the *.sql of a directory, sorted by name. Refuses a name with other characters than a-z, 0-9 and
 * _, and a file that is not text in UTF-8. */
MUST_CHECK bool script_files_read(struct db *db, struct arena *a, const char *directory,
	struct script_file **files, size_t *count, struct error *err);

/* Runs a file inside the open transaction, as tenantd_owner and with pg_catalog as its search_path.
 * Refuses a file that ends the transaction, which belongs to the caller. */
MUST_CHECK bool script_file_run(
	struct db *db, struct arena *a, const struct script_file *file, struct error *err);

#endif
