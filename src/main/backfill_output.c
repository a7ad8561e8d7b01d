/*
 * What `tenantctl backfill metadata` writes: the report, and the file for the provider. No text of an export or a mapping
 * gets into the SQL: only UUIDs, envs and the names of claims, which are looked at before.
 */
#include "backfill.h"

#include "core/uuid.h"

#include <stdio.h>

static const struct {
	const char *word, *why;
} outcomes[] = {
#define X(name, word, why) { word, why },
	BACKFILL_OUTCOMES(X)
#undef X
};

const char *backfill_outcome_word(enum backfill_outcome outcome)
{
	return outcomes[outcome].word;
}

const char *backfill_outcome_why(enum backfill_outcome outcome)
{
	return outcomes[outcome].why;
}

/* ---- for the provider ---- */

#define METADATA STR("app_metadata.")

enum { CLAIM_NAME = 63, METADATA_TEXT = 1024 }; /* two such names, a UUID and an env have room in the text */

/* The name inside of app_metadata that a claim has; empty when the claim is elsewhere, or its name is no simple one. */
static struct str name_inside(struct str claim)
{
	struct str name = str_starts(claim, METADATA) ? str_skip(claim, METADATA.len) : STR("");
	if (name.len > CLAIM_NAME)
		return STR("");
	for (size_t i = 0; i < name.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", name.at[i]))
			return STR("");
	return name;
}

bool backfill_can_tell(const struct backfill *b, struct str form, struct error *err)
{
	struct uuid id;
	if (str_eq(form, STR("json")))
		return true;
	if (!str_eq(form, STR("supabase")))
		return error_log(err, ERR_INVALID_REQUEST, "--format is supabase or json");
	if (str_is_empty(name_inside(b->issuer->tenant_claim)))
		return error_log(err, ERR_INVALID_REQUEST,
			"[issuer.%.*s] tenant_claim is not app_metadata.NAME, as Supabase would write it",
			STR_ARG(b->issuer->name));
	for (size_t i = 0; i < b->user_count; i++)
		if (!uuid_parse(b->users[i].subject, &id))
			return error_log(err, ERR_INVALID_REQUEST,
				"user %zu of the export has no UUID, as Supabase gives one: say --format json", i + 1);
	return true;
}

/* {"tenant_id":"…","env":"…"} by the names of the claims. */
static void write_metadata(const struct backfill *b, struct buf *out, const struct backfill_want *want)
{
	struct str tenant = name_inside(b->issuer->tenant_claim), env = name_inside(b->issuer->env_claim);
	json_write_open(out, NULL, '{');
	if (!str_is_empty(tenant))
		json_write_text(out, arena_cstr(b->ctl->arena, tenant), want->tenant_id);
	if (!str_is_empty(env))
		json_write_text(out, arena_cstr(b->ctl->arena, env), want->env);
	json_write_close(out, '}');
}

static void write_sql(const struct backfill *b, struct buf *out, const struct backfill_user *u)
{
	struct buf metadata;
	buf_init(&metadata, b->ctl->arena, METADATA_TEXT);
	write_metadata(b, &metadata, u->told);
	struct str m = buf_str(&metadata);
	buf_printf(out,
		"UPDATE auth.users SET raw_app_meta_data = coalesce(raw_app_meta_data, '{}'::jsonb) || '%.*s'::jsonb\n"
		"  WHERE id = '%.*s' AND NOT coalesce(raw_app_meta_data, '{}'::jsonb) @> '%.*s'::jsonb;\n",
		STR_ARG(m), STR_ARG(u->subject), STR_ARG(m));
}

static void write_json(const struct backfill *b, struct buf *out, const struct backfill_user *u)
{
	struct buf line;
	buf_init(&line, b->ctl->arena, LIMIT_RESPONSE);
	json_write_open(&line, NULL, '{');
	json_write_text(&line, "id", u->subject);
	json_write_text(&line, "email", u->email);
	json_write_text(&line, "tenant_id", u->told->tenant_id);
	json_write_text(&line, "env", u->told->env);
	json_write_name(&line, STR("app_metadata"));
	write_metadata(b, &line, u->told);
	json_write_close(&line, '}');
	buf_add(out, buf_str(&line));
	buf_add_char(out, '\n');
}

bool backfill_tell(const struct backfill *b, struct str form, const char *path, struct error *err)
{
	struct buf out;
	bool is_sql = str_eq(form, STR("supabase"));
	buf_init(&out, b->ctl->arena, 2 * (size_t)LIMIT_BACKFILL_FILE);
	if (is_sql)
		buf_add_c(&out, "BEGIN;\n");
	for (size_t i = 0; i < b->user_count; i++)
		if (b->users[i].told)
			(is_sql ? write_sql : write_json)(b, &out, &b->users[i]);
	if (is_sql)
		buf_add_c(&out, "COMMIT;\n");
	if (!buf_ok(&out))
		return error_log(
			err, ERR_INTERNAL, "'%s' would be longer than %zu bytes: divide the export", path, out.limit);
	return ctl_write_new(path, buf_str(&out), 0600, err);
}

/* ---- the report ---- */

struct tally {
	int64_t wanted, made, several; /* users */
	int64_t tenants, joined, present, refused;
};

static struct tally count(const struct backfill *b)
{
	struct tally t = { 0 };
	for (size_t i = 0; i < b->user_count; i++) {
		t.wanted += b->users[i].is_wanted;
		t.made += b->users[i].was_made;
		t.several += b->users[i].has_more;
	}
	for (size_t i = 0; i < b->want_count; i++) {
		t.tenants += b->wants[i].made_tenant;
		t.joined += b->wants[i].outcome == BACKFILL_JOINED;
		t.present += b->wants[i].outcome == BACKFILL_PRESENT;
		t.refused += backfill_outcome_why(b->wants[i].outcome) != NULL;
	}
	return t;
}

static const char *place_word(const struct backfill *b)
{
	return ctl_option(b->ctl, "--mapping") || b->export_has_lines ? "line" : "user";
}

static void print_text(const struct backfill *b, const struct tally *t)
{
	struct arena *a = b->ctl->arena;
	for (size_t i = 0; i < b->want_count; i++) {
		const struct backfill_want *w = &b->wants[i];
		const char *why = backfill_outcome_why(w->outcome);
		if (why)
			printf("%s %zu: '%.*s' in '%.*s': %s%s%.*s\n", place_word(b), w->place,
				STR_ARG(ctl_clean(a, w->who)), STR_ARG(ctl_clean(a, w->tenant)), why,
				w->has.len > 0 ? ": " : "", STR_ARG(w->has));
	}
	printf("users: %zu in the export, %lld without a tenant, %lld in several, %lld created\n", b->user_count,
		(long long)b->user_count - (long long)t->wanted, (long long)t->several, (long long)t->made);
	printf("tenants: %lld created\n", (long long)t->tenants);
	printf("memberships: %lld created, %lld there before, %lld refused\n", (long long)t->joined,
		(long long)t->present, (long long)t->refused);
	if (b->is_dry)
		puts("this was a dry run: nothing was changed");
}

static void write_refused(const struct backfill *b, struct buf *out)
{
	json_write_open(out, "refused", '[');
	for (size_t i = 0; i < b->want_count; i++) {
		const struct backfill_want *w = &b->wants[i];
		if (!backfill_outcome_why(w->outcome))
			continue;
		json_write_line(out);
		json_write_open(out, NULL, '{');
		json_write_int(out, place_word(b), (int64_t)w->place);
		json_write_text(out, "who", w->who);
		json_write_text(out, "tenant", w->tenant);
		json_write_text(out, "env", w->env);
		json_write_c(out, "code", backfill_outcome_word(w->outcome));
		json_write_c(out, "reason", backfill_outcome_why(w->outcome));
		if (!str_is_empty(w->has))
			json_write_text(out, "has", w->has);
		json_write_close(out, '}');
	}
	json_write_close(out, ']');
}

static enum ctl_status print_json(const struct backfill *b, const struct tally *t)
{
	struct buf out;
	buf_init(&out, b->ctl->arena, 4 * (size_t)LIMIT_BACKFILL_FILE);
	json_write_open(&out, NULL, '{');
	json_write_flag(&out, "dry_run", b->is_dry);
	json_write_int(&out, "users", (int64_t)b->user_count);
	json_write_int(&out, "users_without_tenant", (int64_t)b->user_count - t->wanted);
	json_write_int(&out, "users_in_several", t->several);
	json_write_int(&out, "users_created", t->made);
	json_write_int(&out, "tenants_created", t->tenants);
	json_write_int(&out, "memberships_created", t->joined);
	json_write_int(&out, "memberships_present", t->present);
	json_write_int(&out, "memberships_refused", t->refused);
	write_refused(b, &out);
	json_write_close(&out, '}');
	return ctl_print_json(&out);
}

enum ctl_status backfill_report(const struct backfill *b, bool is_json)
{
	struct tally t = count(b);
	enum ctl_status printed = CTL_OK;
	if (is_json)
		printed = print_json(b, &t);
	else
		print_text(b, &t);
	return t.refused > 0 ? CTL_FAILED : printed;
}
