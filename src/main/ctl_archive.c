/*
 * tenantctl tenant export and user export: what belongs to a tenant, or is known of a person, as it is at one instant, by the
 * functions of db/functions/archive.sql.
 */
#include "archive.h"

#include <stdio.h>

bool archive_find_tenant(
	struct ctl *ctl, const char *act, const struct value *env, struct archive_tenant *t, struct error *err)
{
	struct rows rows;
	if (!ASK(ctl, &rows, err,
			"SELECT id, env, slug, name FROM tenantd.archive_find($1, $2::tenantd.env, $3, $4)",
			VALUE_C(ctl->args[0]), *env, VALUE_C(act), archive_label(ctl)))
		return false;
	*t =
		(struct archive_tenant){ cell(&rows, 0, 0), cell(&rows, 0, 1), cell(&rows, 0, 2), cell(&rows, 0, 3) };
	return true;
}

bool archive_enter(struct ctl *ctl, const char *act, struct str tenant, struct str env, struct error *err)
{
	return ASK(ctl, NULL, err, "SELECT tenantd.archive_enter($1, $2::tenantd.env, $3, $4)", VALUE(tenant),
			   VALUE(env), VALUE_C(act), archive_label(ctl)) &&
		archive_script(ctl, AS_OWNER, err);
}

/* Adds a file for each row of `files`: its name, columns and query. */
static bool add_files(struct ctl *ctl, struct archive *archive, const struct rows *files, struct error *err)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct json *columns = json_parse(ctl->arena, cell(files, i, 1), err);
		if (!columns || !archive_add(archive, ctl->db, cell(files, i, 0), columns, cell(files, i, 2), err))
			return false;
	}
	return true;
}

static void tell_of_archive(const struct archive *archive)
{
	int64_t rows = 0;
	for (size_t i = 0; i < archive->count; i++)
		rows += archive->files[i].rows;
	printf("%lld rows in %zu files, in '%s'\n", (long long)rows, archive->count, archive->dir);
}

static bool export_tenant(
	struct ctl *ctl, const struct value *env, struct archive *archive, struct error *err)
{
	struct archive_tenant t;
	struct rows files;
	const char *dir = ctl_option(ctl, "--out");
	struct buf of;
	if (!archive_script(ctl, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; " AS_IN_AN_ARCHIVE, err) ||
		!archive_find_tenant(ctl, "tenant export", env, &t, err) || !archive_script(ctl, AS_OWNER, err) ||
		!LIST(ctl, &files, err, "SELECT name, to_json(columns), query FROM tenantd.archive_of_tenant()") ||
		!archive_make(archive, ctl->arena, dir, "tenant", err) || !add_files(ctl, archive, &files, err) ||
		!archive_script(ctl, "COMMIT", err) ||
		!ASK(ctl, NULL, err, "SELECT tenantd.archive_note($1, $2::tenantd.env, 'tenant.exported', $3, false)",
			VALUE(t.id), VALUE(t.env), archive_label(ctl)))
		return false;
	buf_init(&of, ctl->arena, LIMIT_RESPONSE);
	json_write_open(&of, NULL, '{');
	json_write_text(&of, "id", t.id);
	json_write_text(&of, "env", t.env);
	json_write_text(&of, "slug", t.slug);
	json_write_text(&of, "name", t.name);
	json_write_close(&of, '}');
	return archive_close(archive, buf_str(&of), err);
}

enum ctl_status ctl_tenant_export(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct archive archive;
	struct value env;
	if (!ctl_env(ctl, &env))
		return CTL_USAGE;
	if (!ctl_connect(ctl, &err) || !export_tenant(ctl, &env, &archive, &err))
		return ctl_fail(&err);
	tell_of_archive(&archive);
	return CTL_OK;
}

/* Adds the rows that only this person sees, of every tenant: a file for each. */
static bool add_private(struct ctl *ctl, struct archive *archive, struct str id, struct error *err)
{
	struct rows tenants, files;
	if (!ASK(ctl, &tenants, err, "SELECT tenant, env FROM tenantd.archive_tenants_of($1)", VALUE(id)))
		return false;
	for (size_t i = 0; i < tenants.count; i++)
		if (!archive_enter(ctl, "user export", cell(&tenants, i, 0), cell(&tenants, i, 1), err) ||
			!ASK(ctl, &files, err, "SELECT name, to_json(columns), query FROM tenantd.archive_private($1)",
				VALUE(id)) ||
			!add_files(ctl, archive, &files, err) || !archive_script(ctl, AS_MIGRATOR, err))
			return false;
	return true;
}

static bool export_user(struct ctl *ctl, struct archive *archive, struct error *err)
{
	struct rows user, files;
	if (!archive_script(
			ctl, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; " AS_IN_AN_ARCHIVE "; " AS_CONTEXT, err) ||
		!ASK(ctl, &user, err, "SELECT u.id FROM tenantd.operator_user($1, $2) u WHERE u.id IS NOT NULL",
			VALUE_C(ctl->args[0]), ctl_subject(ctl)))
		return false;
	if (user.count == 0)
		return error_log(err, ERR_NOT_FOUND, "there is no such user");
	struct str id = cell(&user, 0, 0);
	return ASK(ctl, &files, err, "SELECT name, to_json(columns), query FROM tenantd.archive_of_user($1)",
			   VALUE(id)) &&
		archive_make(archive, ctl->arena, ctl_option(ctl, "--out"), "user", err) &&
		add_files(ctl, archive, &files, err) && archive_script(ctl, AS_MIGRATOR, err) &&
		add_private(ctl, archive, id, err) && archive_script(ctl, "COMMIT", err) &&
		ASK(ctl, NULL, err, "SELECT tenantd.archive_note_user($1, 'user.exported', $2)", VALUE(id),
			archive_label(ctl)) &&
		archive_close(archive, arena_printf(ctl->arena, "{\"id\":\"%.*s\"}", STR_ARG(id)), err);
}

enum ctl_status ctl_user_export(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct archive archive;
	if (!ctl_connect(ctl, &err) || !export_user(ctl, &archive, &err))
		return ctl_fail(&err);
	tell_of_archive(&archive);
	return CTL_OK;
}
