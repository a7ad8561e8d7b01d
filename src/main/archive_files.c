/* The folder of an archive: writing it while the rows come, and reading it once it is known to be whole. */
#include "archive.h"

#include "core/hex.h"
#include "crypto/digest.h"
#include "db/copy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST "manifest.json"
enum {
	FORMAT = 1, /* of the archive; the manifest names it */
	ROW_MOST = 1 << 30, /* bytes of a row: PostgreSQL has no larger value */
	MANIFEST_MOST = 16 * 1024 * 1024,
	FILES_MOST = 4096
};

static const char *path_of(const struct archive *archive, struct str name)
{
	return arena_printf(archive->arena, "%s/%.*s", archive->dir, STR_ARG(name)).at;
}

static const char *file_path(const struct archive *archive, const struct archive_file *file)
{
	return path_of(archive, arena_printf(archive->arena, "%.*s.jsonl", STR_ARG(file->name)));
}

static bool failed(struct error *err, const char *what, const char *path)
{
	return error_log(err, ERR_INTERNAL, "cannot %s '%s': %s", what, path, strerror(errno));
}

static struct str hex_of(struct arena *a, struct digest *digest)
{
	uint8_t sum[SHA256_SIZE];
	digest_end(digest, sum);
	return hex_encode(a, sum, sizeof(sum));
}

/* ---- writing ---- */

bool archive_make(
	struct archive *archive, struct arena *a, const char *dir, const char *kind, struct error *err)
{
	*archive = (struct archive){ .dir = dir, .arena = a, .kind = kind };
	archive->files = ARENA_ARRAY(a, struct archive_file, FILES_MOST);
	return mkdir(dir, 0700) == 0 || failed(err, "make the folder", dir);
}

struct writer {
	FILE *to;
	const char *path;
	struct arena *row;
	struct archive_file *file;
	struct digest *digest;
};

static bool write_row(void *who, struct str line, struct error *err)
{
	struct writer *w = who;
	struct buf json;
	buf_init(&json, w->row, ROW_MOST);
	archive_to_json(&json, &w->file->columns, line);
	struct str text = buf_str(&json);
	if (!buf_ok(&json))
		return error_log(
			err, ERR_INTERNAL, "a row of %.*s is larger than %d bytes", STR_ARG(w->file->name), ROW_MOST);
	digest_add(w->digest, text);
	w->file->rows++;
	if (fwrite(text.at, 1, text.len, w->to) != text.len)
		return failed(err, "write", w->path);
	arena_reset(w->row);
	return true;
}

static bool write_rows(struct writer *w, struct db *db, struct arena *a, struct str query, struct error *err)
{
	const struct byte_sink rows = { write_row, w };
	bool ok = db_copy_out(db, a, arena_printf(a, "COPY (%.*s) TO STDOUT", STR_ARG(query)), rows, err);
	if (ok && (fflush(w->to) != 0 || fsync(fileno(w->to)) != 0))
		ok = failed(err, "write", w->path);
	return fclose(w->to) == 0 ? ok : ok && failed(err, "write", w->path);
}

bool archive_add(struct archive *archive, struct db *db, struct str name, const struct json *columns,
	struct str query, struct error *err)
{
	if (archive->count == FILES_MOST)
		return error_log(err, ERR_INTERNAL, "an archive has at most %d files", FILES_MOST);
	struct archive_file *file = &archive->files[archive->count++];
	*file = (struct archive_file){ .name = name };
	if (!archive_strings(archive->arena, columns, &file->columns))
		BUG("%.*s has no columns", STR_ARG(name));
	struct writer w = {
		.path = file_path(archive, file), .file = file, .digest = digest_begin(archive->arena)
	};
	int fd = ctl_open_new(w.path, 0600, err);
	if (fd < 0)
		return false;
	w.to = fdopen(fd, "w");
	if (!w.to)
		out_of_memory();
	w.row = arena_new(64 * 1024);
	bool ok = write_rows(&w, db, archive->arena, query, err);
	arena_free(w.row);
	file->sha256 = hex_of(archive->arena, w.digest);
	return ok;
}

bool archive_close(struct archive *archive, struct str of, struct error *err)
{
	struct buf b;
	buf_init(&b, archive->arena, MANIFEST_MOST);
	json_write_open(&b, NULL, '{');
	json_write_int(&b, "tenantd_archive", FORMAT);
	json_write_raw(&b, archive->kind, arena_cstr(archive->arena, of));
	json_write_open(&b, "files", '[');
	for (size_t i = 0; i < archive->count; i++) {
		const struct archive_file *file = &archive->files[i];
		json_write_line(&b);
		json_write_open(&b, NULL, '{');
		json_write_text(&b, "name", file->name);
		json_write_int(&b, "rows", file->rows);
		json_write_text(&b, "sha256", file->sha256);
		json_write_open(&b, "columns", '[');
		for (size_t c = 0; c < file->columns.count; c++)
			json_write_text(&b, NULL, file->columns.at[c]);
		json_write_close(&b, ']');
		json_write_close(&b, '}');
	}
	json_write_close(&b, ']');
	json_write_close(&b, '}');
	buf_add_char(&b, '\n');
	if (!buf_ok(&b))
		return error_log(err, ERR_INTERNAL, "the manifest is too large");
	return ctl_write_new(path_of(archive, STR(MANIFEST)), buf_str(&b), 0600, err);
}

/* ---- reading ---- */

static bool read_manifest(struct archive *archive, struct str *text, struct error *err)
{
	const char *path = path_of(archive, STR(MANIFEST));
	FILE *from = fopen(path, "re");
	if (!from)
		return errno == ENOENT
			? error_log(err, ERR_INVALID_REQUEST,
				  "'%s' has no " MANIFEST ": it is no archive, or an export that was interrupted",
				  archive->dir)
			: failed(err, "read", path);
	char *at = arena_alloc(archive->arena, MANIFEST_MOST);
	size_t len = fread(at, 1, MANIFEST_MOST, from);
	bool ok = !ferror(from) && len < MANIFEST_MOST;
	fclose(from);
	*text = str_of(at, len);
	return ok || error_log(err, ERR_INVALID_REQUEST, "'%s' cannot be read, or is too large", path);
}

/* A name becomes a part of a path. */
static bool is_file_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!(name.at[i] == '.' || name.at[i] == '_' || name.at[i] == '-' ||
				(name.at[i] >= 'a' && name.at[i] <= 'z') || (name.at[i] >= '0' && name.at[i] <= '9')))
			return false;
	return name.len > 0 && name.at[0] != '.';
}

static bool read_file_entry(struct archive *archive, const struct json *entry, struct archive_file *file)
{
	return json_string(json_get(entry, STR("name")), &file->name) && is_file_name(file->name) &&
		json_int64(json_get(entry, STR("rows")), &file->rows) &&
		json_string(json_get(entry, STR("sha256")), &file->sha256) &&
		archive_strings(archive->arena, json_get(entry, STR("columns")), &file->columns);
}

bool archive_each(const struct archive *archive, const struct archive_file *file,
	bool (*take)(void *who, struct str line, struct error *err), void *who, struct error *err)
{
	const char *path = file_path(archive, file);
	FILE *from = fopen(path, "re");
	if (!from)
		return failed(err, "read", path);
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	bool ok = true;
	for (int64_t number = 1; ok && (len = getline(&line, &room, from)) > 0; number++)
		if (!take(who, str_of(line, (size_t)len), err)) {
			struct str why = arena_str(archive->arena, str_c(err->detail[0] ? err->detail : err->operator));
			ok = error_log(err, err->code, "'%s', line %lld: %.*s", path, (long long)number, STR_ARG(why));
		}
	ok = ok && (!ferror(from) || failed(err, "read", path));
	free(line);
	fclose(from);
	return ok;
}

struct check {
	struct digest *digest;
	int64_t rows;
};

static bool check_line(void *who, struct str line, struct error *err)
{
	struct check *c = who;
	(void)err;
	digest_add(c->digest, line);
	c->rows++;
	return true;
}

static bool check_file(const struct archive *archive, const struct archive_file *file, struct error *err)
{
	struct check c = { .digest = digest_begin(archive->arena) };
	if (!archive_each(archive, file, check_line, &c, err))
		return false;
	if (!str_eq(hex_of(archive->arena, c.digest), file->sha256) || c.rows != file->rows)
		return error_log(err, ERR_INVALID_REQUEST,
			"'%s' is not as the manifest says: it was changed, or is not whole", file_path(archive, file));
	return true;
}

bool archive_open(
	struct archive *archive, struct arena *a, const char *dir, const char *kind, struct error *err)
{
	*archive = (struct archive){ .dir = dir, .arena = a, .kind = kind };
	struct str text;
	int64_t format;
	if (!read_manifest(archive, &text, err))
		return false;
	const struct json *manifest = json_parse(a, text, err);
	const struct json *files = json_get(manifest, STR("files"));
	if (!json_int64(json_get(manifest, STR("tenantd_archive")), &format) ||
		!json_get(manifest, str_c(kind)) || json_kind(files) != JSON_ARRAY)
		return error_log(err, ERR_INVALID_REQUEST, "'%s' is no archive of a %s", dir, kind);
	if (format != FORMAT)
		return error_log(err, ERR_INVALID_REQUEST,
			"'%s' has format %lld of archives, and this program knows format %d", dir, (long long)format,
			FORMAT);
	archive->count = json_count(files);
	archive->files = ARENA_ARRAY(a, struct archive_file, archive->count + 1);
	for (size_t i = 0; i < archive->count; i++)
		if (!read_file_entry(archive, json_at(files, i, NULL), &archive->files[i]))
			return error_log(
				err, ERR_INVALID_REQUEST, "the manifest's file %zu is not described as it must be", i + 1);
	for (size_t i = 0; i < archive->count; i++)
		if (!check_file(archive, &archive->files[i], err))
			return false;
	return true;
}

const struct archive_file *archive_file_named(const struct archive *archive, struct str name)
{
	for (size_t i = 0; i < archive->count; i++)
		if (str_eq(archive->files[i].name, name))
			return &archive->files[i];
	return NULL;
}

/* The lines of a file, as the database takes them. */
struct reader {
	FILE *from;
	const struct archive_file *file;
	const char *path;
	struct arena *row;
	char *line;
	size_t room;
	int64_t number;
};

static bool next_row(void *who, struct str *piece, struct error *err)
{
	struct reader *r = who;
	struct buf copy;
	arena_reset(r->row);
	ssize_t len = getline(&r->line, &r->room, r->from);
	*piece = STR("");
	r->number++;
	if (len <= 0)
		return !ferror(r->from) || failed(err, "read", r->path);
	buf_init(&copy, r->row, ROW_MOST);
	if (!archive_to_copy(r->row, &copy, &r->file->columns, str_of(r->line, (size_t)len), err))
		return error_log(err, ERR_INVALID_REQUEST,
			"'%s', line %lld is no row: an object of strings and nulls, with the columns that the manifest names",
			r->path, (long long)r->number);
	*piece = buf_str(&copy);
	return true;
}

bool archive_copy(const struct archive *archive, const struct archive_file *file, struct db *db,
	struct str sql, struct error *err)
{
	struct reader r = { .file = file, .path = file_path(archive, file) };
	r.from = fopen(r.path, "re");
	if (!r.from)
		return failed(err, "read", r.path);
	r.row = arena_new(64 * 1024);
	bool ok = db_copy_in(db, archive->arena, sql, (struct byte_source){ next_row, &r }, err);
	arena_free(r.row);
	free(r.line);
	fclose(r.from);
	return ok;
}
