/*
 * tenantctl seed: fills an env for trying things out, from a file that people can read. It all happens in one transaction, by
 * db/functions/seed.sql, which only adds. Must never print a password that is not new or in the file already.
 */
#include "seed.h"

#include <stdio.h>

#define SHIPPED PKGDATADIR "/seed/example.json"

enum { WHAT, TENANT, WHO, OUTCOME, ID, HAS, TOKEN };
#define SEED                                                                                                 \
	"SELECT what, tenant, who, outcome, id, has, token FROM tenantd.seed($1::jsonb, $2::tenantd.env, $3)"

/* A dry run does everything, checks what is checked at the end, and takes it all back. */
static bool run(struct seed *s, struct rows *rows, struct error *err)
{
	const struct value values[] = { VALUE(s->plan), VALUE(s->env), VALUE(ctl_operator_name(s->ctl->arena)) };
	struct db *db = s->ctl->db;
	struct arena *a = s->ctl->arena;
	if (s->is_dry && !db_script(db, a, STR("BEGIN"), NULL, err))
		return false;
	return db_query(db, a, SEED, values, COUNT_OF(values), rows, err) &&
		(!s->is_dry || db_script(db, a, STR("SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK"), NULL, err));
}

static size_t count(const struct rows *rows, const char *outcome)
{
	size_t n = 0;
	for (size_t i = 0; i < rows->count; i++)
		n += str_eq(cell(rows, i, OUTCOME), str_c(outcome));
	return n;
}

/* The password with which the person of a row signs in, as far as this run knows it: a new one only when it was kept. */
static struct str password_of(const struct seed *s, const struct rows *rows, size_t row)
{
	const struct seed_person *p = seed_person(s, cell(rows, row, WHO));
	bool is_lost = p->password_is_new && (s->is_dry || !str_eq(cell(rows, row, OUTCOME), STR("made")));
	return is_lost ? STR("") : p->password;
}

/* ---- for people ---- */

static void print_row(const struct seed *s, const struct rows *rows, size_t row)
{
	struct arena *a = s->ctl->arena;
	struct str tenant = cell(rows, row, TENANT), what = cell(rows, row, WHAT), has = cell(rows, row, HAS),
			   token = cell(rows, row, TOKEN);
	bool is_inside = str_eq(what, STR("member")) || str_eq(what, STR("invitation"));
	printf("%-7.*s  %-10.*s  %.*s%s%.*s", STR_ARG(cell(rows, row, OUTCOME)), STR_ARG(what),
		STR_ARG(is_inside ? tenant : STR("")), is_inside ? ": " : "",
		STR_ARG(ctl_clean(a, cell(rows, row, WHO))));
	if (str_eq(what, STR("tenant")))
		printf("  %.*s", STR_ARG(cell(rows, row, ID)));
	if (!str_is_empty(has))
		printf("  as it is: %.*s", STR_ARG(has));
	if (!str_is_empty(token) && !s->is_dry)
		printf("  token %.*s", STR_ARG(token));
	putchar('\n');
}

static struct str word(const struct json *object, const char *name, const char *standard)
{
	struct str text;
	return json_string(json_get(object, str_c(name)), &text) ? text : str_c(standard);
}

static void add_places(struct buf *places, const struct json *tenant, const char *list, struct str email)
{
	const struct json *entries = json_get(tenant, str_c(list));
	for (size_t i = 0; i < json_count(entries); i++) {
		const struct json *m = json_at(entries, i, NULL);
		struct str status = strcmp(list, "invitations") == 0 ? STR("invited") : word(m, "status", "active");
		bool is_active = str_eq(status, STR("active"));
		if (str_eq_nocase(word(m, "email", ""), email))
			buf_add_item(places, ", ",
				arena_printf(places->arena, "%.*s %s %.*s",
					STR_ARG(is_active ? word(m, "role", "member") : status), is_active ? "of" : "at",
					STR_ARG(word(tenant, "slug", ""))));
	}
}

/* What the file has a person as: "owner of acme, pending at globex". */
static struct str places_of(const struct seed *s, const struct seed_person *p)
{
	struct buf places;
	bool is_admin = false;
	buf_init(&places, s->ctl->arena, LIMIT_SEED_FILE);
	if (json_bool(
			json_get(json_at(s->people, (size_t)(p - s->persons), NULL), STR("system_admin")), &is_admin) &&
		is_admin)
		buf_add_item(&places, ", ", STR("system administrator"));
	for (size_t i = 0; i < json_count(s->tenants); i++) {
		add_places(&places, json_at(s->tenants, i, NULL), "members", p->email);
		add_places(&places, json_at(s->tenants, i, NULL), "invitations", p->email);
	}
	return places.len > 0 ? buf_str(&places) : STR("in no tenant");
}

static void print_sign_ins(const struct seed *s, const struct rows *rows)
{
	printf("\nwho signs in with a password:\n");
	for (size_t i = 0; i < rows->count; i++) {
		if (!str_eq(cell(rows, i, WHAT), STR("person")))
			continue;
		const struct seed_person *p = seed_person(s, cell(rows, i, WHO));
		struct str password = password_of(s, rows, i);
		if (str_is_empty(p->subject))
			printf("%-24.*s  %-24.*s  %.*s\n", STR_ARG(p->email),
				STR_ARG(str_is_empty(password) ? STR("(shown when it is made)") : password),
				STR_ARG(places_of(s, p)));
	}
}

static enum ctl_status print_text(const struct seed *s, const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		print_row(s, rows, i);
	printf("%zu made, %zu there before, %zu kept as they are\n", count(rows, "made"), count(rows, "present"),
		count(rows, "kept"));
	if (s->is_dry)
		puts("this was a dry run: nothing was changed");
	print_sign_ins(s, rows);
	return CTL_OK;
}

/* ---- for programs ---- */

static void write_row(const struct seed *s, const struct rows *rows, size_t row, struct buf *out)
{
	static const struct {
		const char *name;
		size_t column;
	} texts[] = { { "what", WHAT }, { "tenant", TENANT }, { "who", WHO }, { "outcome", OUTCOME },
		{ "has", HAS } };
	bool is_person = str_eq(cell(rows, row, WHAT), STR("person"));
	struct str password = is_person ? password_of(s, rows, row) : STR("");
	json_write_line(out);
	json_write_open(out, NULL, '{');
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (!str_is_empty(cell(rows, row, texts[i].column)))
			json_write_text(out, texts[i].name, cell(rows, row, texts[i].column));
	if (!str_is_empty(cell(rows, row, ID)))
		json_write_text(out, "id", cell(rows, row, ID));
	if (!str_is_empty(cell(rows, row, TOKEN)) && !s->is_dry)
		json_write_text(out, "token", cell(rows, row, TOKEN));
	if (!str_is_empty(password))
		json_write_text(out, "password", password);
	json_write_close(out, '}');
}

static enum ctl_status print_json(const struct seed *s, const struct rows *rows)
{
	struct buf out;
	buf_init(&out, s->ctl->arena, 8 * (size_t)LIMIT_SEED_FILE);
	json_write_open(&out, NULL, '{');
	json_write_text(&out, "env", s->env);
	json_write_flag(&out, "dry_run", s->is_dry);
	json_write_int(&out, "made", (int64_t)count(rows, "made"));
	json_write_int(&out, "present", (int64_t)count(rows, "present"));
	json_write_int(&out, "kept", (int64_t)count(rows, "kept"));
	json_write_open(&out, "things", '[');
	for (size_t i = 0; i < rows->count; i++)
		write_row(s, rows, i, &out);
	json_write_close(&out, ']');
	json_write_close(&out, '}');
	return ctl_print_json(&out);
}

/* False when nothing may be seeded in the env: it is prod, or not served here. */
static bool env_may_be_filled(const struct seed *s, struct error *err)
{
	enum env env;
	if (str_eq(s->env, str_c(env_name(ENV_PROD))))
		return error_log(err, ERR_FORBIDDEN,
			"nothing is seeded in prod, whose people no file may know: make tenants there as its users or its administrators do");
	return (env_parse(s->env, &env) && s->ctl->config.tenancy.env_allowed[env]) ||
		error_log(err, ERR_ENV_NOT_ALLOWED, "'%.*s' is none of [tenancy] allowed_envs", STR_ARG(s->env));
}

enum ctl_status ctl_seed(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct rows rows;
	struct value env;
	const char *issuer = ctl_option(ctl, "--issuer");
	if (!ctl_env(ctl, &env))
		return CTL_USAGE;
	struct seed s = { .ctl = ctl, .env = env.text, .is_dry = ctl_option(ctl, "--dry-run") != NULL };
	if (!ctl_connect(ctl, &err) || !env_may_be_filled(&s, &err) ||
		(issuer && !ctl_find_issuer(ctl, issuer, &s.issuer, &err)) ||
		!seed_read(&s, ctl->arg_count > 0 ? ctl->args[0] : SHIPPED, &err) || !run(&s, &rows, &err))
		return ctl_fail(&err);
	return ctl_option(ctl, "--json") ? print_json(&s, &rows) : print_text(&s, &rows);
}
