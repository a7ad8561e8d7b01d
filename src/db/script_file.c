/* Reads files of SQL, and runs one as a part of a transaction. */
#include "db/script_file.h"

#include "db/pipeline.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1024 * 1024 };

static bool is_fit(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
			return false;
	}
	return name.len > 0 && name.len < 64;
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

/* The server computes the digest: it has to read the text anyway, and so this room needs no library for
 * it. */
static bool find_checksum(struct script_file *file, struct db *db, struct arena *a, struct error *err)
{
	static const struct statement digest = { "migration_checksum",
		"SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to($1, 'UTF8')), 'hex')" };
	struct rows rows;
	if (!pipeline_add(db, a, &digest, &VALUE(file->sql), 1, err) || !pipeline_run(db, a, &rows, 1, NULL, err))
		return err->code == ERR_INVALID_REQUEST &&
			error_log(err, ERR_INTERNAL, "migration '%.*s' is not text in UTF-8", STR_ARG(file->name));
	struct str hex = rows_value(&rows, 0, 0, NULL);
	if (hex.len != sizeof(file->checksum) - 1)
		BUG("a checksum of %zu digits", hex.len);
	memcpy(file->checksum, hex.at, hex.len);
	return true;
}

static int by_name(const void *left, const void *right)
{
	const struct script_file *l = left, *r = right;
	size_t len = l->name.len < r->name.len ? l->name.len : r->name.len;
	int order = memcmp(l->name.at, r->name.at, len);
	return order != 0 ? order : (l->name.len > r->name.len) - (l->name.len < r->name.len);
}

bool script_files_read(struct db *db, struct arena *a, const char *directory, struct script_file **files,
	size_t *count, struct error *err)
{
	DIR *d = opendir(directory);
	bool ok = true;
	*files = NULL;
	*count = 0;
	if (!d)
		return error_log(err, ERR_INTERNAL, "cannot read migrations '%s': %s", directory, strerror(errno));
	for (struct dirent *e; ok && (e = readdir(d));) {
		struct script_file one = { .name = str_c(e->d_name) };
		if (!str_ends(one.name, STR(".sql")))
			continue;
		one.name = arena_str(a, str_of(one.name.at, one.name.len - 4));
		if (!is_fit(one.name) || *count == SCRIPT_FILES_MAX) {
			ok = error_log(err, ERR_INTERNAL, "'%s/%s' is not named of a-z, 0-9 and _", directory, e->d_name);
			break;
		}
		ok = read_file(a, directory, e->d_name, &one.sql, err) && find_checksum(&one, db, a, err);
		*files = arena_grow(a, *files, *count * sizeof(one), (*count + 1) * sizeof(one));
		(*files)[(*count)++] = one;
	}
	closedir(d);
	if (ok && *count > 1)
		qsort(*files, *count, sizeof(**files), by_name);
	return ok;
}

/* The file's name was stored in a setting of the transaction. When the file has ended that transaction,
 * the setting is gone or has another value. */
static bool is_still_open(struct db *db, struct arena *a, struct str name, struct error *err)
{
	struct rows rows;
	if (!db_query(db, a, "SELECT pg_catalog.current_setting('tenantd.migration', true)", NULL, 0, &rows, err))
		return false;
	return str_eq(rows_value(&rows, 0, 0, NULL), name) ||
		error_log(err, ERR_INTERNAL, "it ends its transaction, which is not its own");
}

bool script_file_run(struct db *db, struct arena *a, const struct script_file *file, struct error *err)
{
	/* The name holds no character that must be quoted. */
	struct str begin = arena_printf(a,
		"SET LOCAL ROLE tenantd_owner; SET LOCAL search_path = pg_catalog; SET LOCAL tenantd.migration = '%.*s'",
		STR_ARG(file->name));
	if (db_script(db, a, begin, NULL, err) && db_script(db, a, file->sql, NULL, err) &&
		is_still_open(db, a, file->name, err))
		return db_script(db, a, STR("SET LOCAL ROLE tenantd_owner"), NULL, err);
	return error_log(
		err, err->code, "migration '%.*s': %s", STR_ARG(file->name), arena_str(a, str_c(err->operator)).at);
}
