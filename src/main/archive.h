/*
 * The inside of tenantctl's archives: a folder with a file of JSON lines for each table, and a manifest that is written last, with
 * the number of lines and the SHA-256 of each file. docs/governance.md describes the format.
 *
 * A line is an object of the row's columns. Every value is PostgreSQL's text of it, as a JSON string, or null: so a number keeps all its
 * digits, and the same row is always the same bytes.
 */
#ifndef TENANTD_MAIN_ARCHIVE_H
#define TENANTD_MAIN_ARCHIVE_H

#include "core/json.h"
#include "ctl.h"

struct str_array {
	struct str *at;
	size_t count;
};

/* Reads a JSON array of strings; false when it is something else. */
MUST_CHECK bool archive_strings(struct arena *a, const struct json *list, struct str_array *out);

/* Writes a row that came as a line of COPY as a line of JSON. */
void archive_to_json(struct buf *out, const struct str_array *columns, struct str line);
/* The reverse. False, with ERR_INVALID_REQUEST, when the line is not an object of just these columns. */
MUST_CHECK bool archive_to_copy(
	struct arena *a, struct buf *out, const struct str_array *columns, struct str line, struct error *err);

/* One file of an archive. */
struct archive_file {
	struct str name; /* "data.jobs"; the file is data.jobs.jsonl */
	struct str_array columns;
	int64_t rows;
	struct str sha256; /* in hex */
};

struct archive {
	const char *dir;
	struct arena *arena;
	const char *kind; /* "tenant" or "user" */
	struct archive_file *files;
	size_t count;
};

/* Makes the folder, which must not exist: only its owner may enter it. */
MUST_CHECK bool archive_make(
	struct archive *archive, struct arena *a, const char *dir, const char *kind, struct error *err);
/* Adds a file with the rows that this query gives. */
MUST_CHECK bool archive_add(struct archive *archive, struct db *db, struct str name,
	const struct json *columns, struct str query, struct error *err);
/* Writes the manifest; `of` is a JSON object. Without a manifest, an archive is incomplete. */
MUST_CHECK bool archive_close(struct archive *archive, struct str of, struct error *err);

/* Reads the manifest and makes sure that every file is as it says. */
MUST_CHECK bool archive_open(
	struct archive *archive, struct arena *a, const char *dir, const char *kind, struct error *err);
const struct archive_file *archive_file_named(const struct archive *archive, struct str name);
/* Gives each line of a file to `take`, which may refuse it; err then names the file and the line. */
MUST_CHECK bool archive_each(const struct archive *archive, const struct archive_file *file,
	bool (*take)(void *who, struct str line, struct error *err), void *who, struct error *err);
/* Copies the rows of a file into the database by `sql`, a COPY … FROM STDIN. */
MUST_CHECK bool archive_copy(const struct archive *archive, const struct archive_file *file, struct db *db,
	struct str sql, struct error *err);

/* ---- what the commands share ---- */

/* How values are written: the same in every database. */
#define AS_IN_AN_ARCHIVE                                                                                     \
	"SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; "   \
	"SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL lc_monetary = 'C'"
#define AS_OWNER "SET LOCAL ROLE tenantd_owner"
#define AS_CONTEXT "SET LOCAL ROLE tenantd_context"
#define AS_MIGRATOR "SET LOCAL ROLE NONE"

/* Runs a statement with these parameters. */
#define ASK(ctl, rows, err, sql, ...)                                                                        \
	db_query((ctl)->db, (ctl)->arena, sql, (const struct value[]){ __VA_ARGS__ },                            \
		sizeof((const struct value[]){ __VA_ARGS__ }) / sizeof(struct value), rows, err)
/* The same without any. */
#define LIST(ctl, rows, err, sql) db_query((ctl)->db, (ctl)->arena, sql, NULL, 0, rows, err)

static inline bool archive_script(struct ctl *ctl, const char *sql, struct error *err)
{
	return db_script(ctl->db, ctl->arena, str_c(sql), NULL, err);
}

/* Who acts, for the audit. */
static inline struct value archive_label(struct ctl *ctl)
{
	return VALUE(ctl_operator_name(ctl->arena));
}

struct archive_tenant {
	struct str id, env, slug, name;
};

/* Finds the tenant that the first argument names, with --env, and enters the context of its archive, for the act that is named.
 * To be called inside a transaction. */
MUST_CHECK bool archive_find_tenant(
	struct ctl *ctl, const char *act, const struct value *env, struct archive_tenant *t, struct error *err);
/* Enters the context of a tenant's archive and becomes the owner of the tables, who sees the tenant's rows from here on. Inside a
 * transaction. */
MUST_CHECK bool archive_enter(
	struct ctl *ctl, const char *act, struct str tenant, struct str env, struct error *err);
#endif
