/*
 * tenantctl tenant import: brings back a tenant that was exported. All of it is one transaction, and others do not
 * wait for it.
 */
#include "archive.h"

#include <stdio.h>

struct arrival {
	struct ctl *ctl;
	struct archive archive;
	struct str id, env, slug, founder;
	bool keeps_founder;
	int64_t users;
};

static bool take_tenant(void *who, struct str line, struct error *err)
{
	struct arrival *a = who;
	const struct json *tenant = json_parse(a->ctl->arena, line, err);
	if (!json_string(json_get(tenant, STR("id")), &a->id) ||
		!json_string(json_get(tenant, STR("env")), &a->env) ||
		!json_string(json_get(tenant, STR("slug")), &a->slug))
		return error_log(err, ERR_INVALID_REQUEST, "no row of a tenant");
	if (!json_string(json_get(tenant, STR("bootstrapped_by")), &a->founder))
		a->founder = STR("");
	return true;
}

static bool take_user(void *who, struct str line, struct error *err)
{
	struct arrival *a = who;
	struct rows rows;
	if (!ASK(a->ctl, &rows, err, "SELECT tenantd.archive_user($1::jsonb)", VALUE(line)))
		return false;
	a->users += str_eq(cell(&rows, 0, 0), STR("t"));
	return true;
}

/* Reads the archive, and makes sure that it is whole and has one tenant. */
static bool read_arrival(struct arrival *a, const char *env, struct error *err)
{
	const struct archive *archive = &a->archive;
	if (!archive_open(&a->archive, a->ctl->arena, a->ctl->args[0], "tenant", err))
		return false;
	const struct archive_file *tenants = archive_file_named(archive, STR("tenantd.tenants"));
	if (!tenants || tenants->rows != 1)
		return error_log(err, ERR_INVALID_REQUEST, "'%s' does not have one tenant", archive->dir);
	if (!archive_each(archive, tenants, take_tenant, a, err))
		return false;
	if (env)
		a->env = str_c(env);
	if (ctl_option(a->ctl, "--slug"))
		a->slug = str_c(ctl_option(a->ctl, "--slug"));
	return true;
}

enum { NAME, RELATION, COLUMNS };
#define TABLES                                                                                               \
	"SELECT name, relation, array_to_json(columns) FROM tenantd.archive_tables() WHERE is_kept ORDER BY place"

static bool has(const struct json *list, struct str name)
{
	struct str one;
	for (size_t i = 0; i < json_count(list); i++)
		if (json_string(json_at(list, i, NULL), &one) && str_eq(one, name))
			return true;
	return false;
}

/* Refuses rows for which there is no place here. */
static bool has_place(
	struct ctl *ctl, const struct archive_file *file, const struct rows *tables, struct error *err)
{
	for (size_t i = 0; i < tables->count; i++) {
		if (!str_eq(cell(tables, i, NAME), file->name))
			continue;
		const struct json *columns = json_parse(ctl->arena, cell(tables, i, COLUMNS), err);
		for (size_t c = 0; c < file->columns.count; c++)
			if (!has(columns, file->columns.at[c]))
				return error_log(err, ERR_CONFLICT,
					"the archive's %.*s has a column '%.*s', which is not here", STR_ARG(file->name),
					STR_ARG(file->columns.at[c]));
		return true;
	}
	return file->rows == 0 ||
		error_log(err, ERR_CONFLICT, "the archive has %lld rows of %.*s, which is not registered here",
			(long long)file->rows, STR_ARG(file->name));
}

static struct str columns_of(struct ctl *ctl, const struct archive_file *file)
{
	struct buf b;
	buf_init(&b, ctl->arena, LIMIT_RESPONSE);
	json_write_open(&b, NULL, '[');
	for (size_t i = 0; i < file->columns.count; i++)
		json_write_text(&b, NULL, file->columns.at[i]);
	json_write_close(&b, ']');
	return buf_str(&b);
}

/* Which columns of a table get another value than the archive's. */
static struct str instead(struct arrival *a, struct str table)
{
	struct buf b;
	buf_init(&b, a->ctl->arena, LIMIT_RESPONSE);
	json_write_open(&b, NULL, '{');
	if (str_eq(table, STR("tenantd.tenants"))) {
		json_write_text(&b, "slug", a->slug);
		if (!a->keeps_founder)
			json_write_raw(&b, "bootstrapped_by", "null");
	}
	json_write_close(&b, '}');
	return buf_str(&b);
}

#define COLUMN_LIST "ARRAY(SELECT json_array_elements_text($2::json))"

static bool store(struct arrival *a, const struct archive_file *file, struct str relation, struct error *err)
{
	struct ctl *ctl = a->ctl;
	struct str columns = columns_of(ctl, file);
	return ASK(ctl, NULL, err, "SELECT tenantd.archive_stage($1::regclass, " COLUMN_LIST ")", VALUE(relation),
			   VALUE(columns)) &&
		archive_copy(&a->archive, file, ctl->db, STR("COPY tenantd.archive_arrived FROM STDIN"), err) &&
		ASK(ctl, NULL, err,
			"SELECT tenantd.archive_store($1::regclass, " COLUMN_LIST ", $3::tenantd.env, $4::jsonb)",
			VALUE(relation), VALUE(columns), VALUE(a->env), VALUE(instead(a, file->name)));
}

static bool store_all(struct arrival *a, const struct rows *tables, struct error *err)
{
	for (size_t i = 0; i < a->archive.count; i++)
		if (!str_eq(a->archive.files[i].name, STR("tenantd.users")) &&
			!has_place(a->ctl, &a->archive.files[i], tables, err))
			return false;
	for (size_t i = 0; i < tables->count; i++) {
		const struct archive_file *file = archive_file_named(&a->archive, cell(tables, i, NAME));
		if (file && file->rows > 0 && !store(a, file, cell(tables, i, RELATION), err))
			return false;
	}
	return true;
}

static bool import_tenant(struct arrival *a, struct error *err)
{
	struct ctl *ctl = a->ctl;
	const struct archive_file *users = archive_file_named(&a->archive, STR("tenantd.users"));
	struct rows rows, tables;
	if (!archive_script(ctl, "BEGIN; " AS_IN_AN_ARCHIVE, err) ||
		!ASK(ctl, &rows, err, "SELECT tenantd.archive_arrive($1, $2::tenantd.env, $3, $4, $5)", VALUE(a->id),
			VALUE(a->env), VALUE(a->slug), value_or_null(a->founder), archive_label(ctl)))
		return false;
	a->keeps_founder = str_eq(cell(&rows, 0, 0), STR("t"));
	return (!users || archive_each(&a->archive, users, take_user, a, err)) &&
		archive_script(ctl, AS_OWNER "; SET LOCAL session_replication_role = replica", err) &&
		LIST(ctl, &tables, err, TABLES) && store_all(a, &tables, err) &&
		archive_script(ctl,
			"SELECT tenantd.archive_demand_references(); SET LOCAL session_replication_role = origin; " AS_MIGRATOR,
			err) &&
		ASK(ctl, NULL, err, "SELECT tenantd.archive_settle($1, $2::tenantd.env, $3)", VALUE(a->id),
			VALUE(a->env), archive_label(ctl)) &&
		archive_script(
			ctl, ctl_option(ctl, "--dry-run") ? "SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK" : "COMMIT", err);
}

enum ctl_status ctl_tenant_import(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct arrival a = { .ctl = ctl };
	struct value env;
	if (!ctl_env(ctl, &env))
		return CTL_USAGE;
	if (!read_arrival(&a, ctl_option(ctl, "--env"), &err) || !ctl_connect(ctl, &err) ||
		!import_tenant(&a, &err))
		return ctl_fail(&err);
	if (ctl_option(ctl, "--dry-run"))
		printf("nothing was stored, but could be: ");
	printf("tenant '%.*s' (%.*s) in %.*s, with %lld users that were not known here\n",
		STR_ARG(ctl_clean(ctl->arena, a.slug)), STR_ARG(a.id), STR_ARG(a.env), (long long)a.users);
	return CTL_OK;
}
