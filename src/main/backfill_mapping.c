/*
 * Reads which user is wanted in which tenant, as what: from the operator's mapping, or from the metadata of the export. Must
 * never take a user for another: an address counts only when the provider has verified it and one user alone has it.
 */
#include "backfill.h"

#include "core/csv.h"
#include "core/uuid.h"
#include "core/validate.h"

#include <stdlib.h>

/* The users, sorted by a key: their subject or their address in lower case. */
struct index {
	struct slot {
		struct str key;
		struct backfill_user *user;
	} * slots;
	size_t count;
};

static int compare(struct str a, struct str b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_slots(const void *a, const void *b)
{
	return compare(((const struct slot *)a)->key, ((const struct slot *)b)->key);
}

static struct str lower(struct arena *a, struct str s)
{
	char *copy = arena_cstr(a, s);
	for (size_t i = 0; i < s.len; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] + 'a' - 'A');
	return str_of(copy, s.len);
}

static struct index index_of(struct backfill *b, bool by_email)
{
	struct arena *a = b->ctl->arena;
	struct index index = { ARENA_ARRAY(a, struct slot, b->user_count), 0 };
	for (size_t i = 0; i < b->user_count; i++) {
		struct backfill_user *u = &b->users[i];
		struct str key = by_email ? lower(a, u->email) : u->subject;
		if (!str_is_empty(key))
			index.slots[index.count++] = (struct slot){ key, u };
	}
	if (index.count > 0)
		qsort(index.slots, index.count, sizeof(*index.slots), compare_slots);
	return index;
}

/* The user with this key; *is_single is false when there is a second one. */
static struct backfill_user *find(const struct index *index, struct str key, bool *is_single)
{
	size_t from = 0, to = index->count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (compare(index->slots[middle].key, key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	*is_single = from + 1 >= index->count || !str_eq(index->slots[from + 1].key, key);
	return from < index->count && str_eq(index->slots[from].key, key) ? index->slots[from].user : NULL;
}

static bool subjects_are_unique(const struct index *index, struct error *err)
{
	for (size_t i = 1; i < index->count; i++)
		if (str_eq(index->slots[i].key, index->slots[i - 1].key))
			return error_log(err, ERR_INVALID_REQUEST, "the export has the user '%.*s' twice",
				STR_ARG(index->slots[i].key));
	return true;
}

static enum backfill_outcome refuse(struct backfill_want *want, enum backfill_outcome why)
{
	want->user = NULL;
	return why;
}

/* Finds the user whom the line names by subject, by email or by both. */
static enum backfill_outcome name_user(struct backfill *b, const struct index *by_subject,
	const struct index *by_email, struct str subject, struct str email, struct backfill_want *want)
{
	bool is_single = true;
	want->who = str_is_empty(subject) ? email : subject;
	if (str_is_empty(want->who))
		return BACKFILL_NO_NAME;
	want->user = str_is_empty(subject) ? find(by_email, lower(b->ctl->arena, email), &is_single)
									   : find(by_subject, subject, &is_single);
	if (!want->user)
		return BACKFILL_NO_USER;
	if (!is_single)
		return refuse(want, BACKFILL_TWO_USERS);
	if (str_is_empty(subject) && !want->user->is_verified)
		return refuse(want, BACKFILL_UNVERIFIED);
	if (!str_is_empty(subject) && !str_is_empty(email) && !str_eq_nocase(email, want->user->email))
		return refuse(want, BACKFILL_NOT_SAME);
	return want->user->is_gone ? refuse(want, BACKFILL_GONE) : BACKFILL_JOINED;
}

static bool role_is_known(struct str role)
{
	return str_eq(role, STR("member")) || str_eq(role, STR("tenant_admin")) || str_eq(role, STR("owner"));
}

/* Looks at what the line says of the tenant. A UUID is brought into the form that the database prints. */
static enum backfill_outcome check_place(struct backfill *b, struct backfill_want *want)
{
	struct error ignored = ERROR_INIT;
	struct uuid id;
	enum env env;
	if (str_eq(want->tenant, STR("00000000-0000-0000-0000-000000000000"))) /* it stands for no tenant */
		return BACKFILL_BAD_TENANT;
	if (uuid_parse(want->tenant, &id))
		want->tenant = lower(b->ctl->arena, want->tenant);
	else if (!validate_slug(STR("tenant"), want->tenant, &ignored))
		return BACKFILL_BAD_TENANT;
	if (!role_is_known(want->role))
		return BACKFILL_BAD_ROLE;
	if (!env_parse(want->env, &env) || !b->ctl->config.tenancy.env_allowed[env])
		return BACKFILL_BAD_ENV;
	return BACKFILL_JOINED;
}

static void check(struct backfill *b, struct backfill_want *want, enum backfill_outcome named)
{
	want->outcome = named == BACKFILL_JOINED ? check_place(b, want) : named;
	if (want->outcome != BACKFILL_JOINED)
		want->user = NULL;
	else
		want->user->is_wanted = true;
}

static struct str env_given(const struct backfill *b)
{
	return str_c(ctl_option(b->ctl, "--env"));
}

enum { SUBJECT, EMAIL, TENANT, ROLE, ENV, COLUMNS };
static const char *const columns[] = { "subject", "email", "tenant", "role", "env" };

static bool find_columns(
	const struct backfill *b, const struct csv *csv, size_t at[COLUMNS], struct error *err)
{
	size_t known = 0;
	for (size_t i = 0; i < COLUMNS; i++) {
		at[i] = csv_column(csv, str_c(columns[i]));
		known += at[i] < csv->columns;
	}
	if (known < csv->columns)
		return error_log(err, ERR_INVALID_REQUEST,
			"the mapping, line 1: a column is none of subject, email, tenant, role and env");
	bool is_enough = (at[SUBJECT] < csv->columns || at[EMAIL] < csv->columns) && at[TENANT] < csv->columns &&
		at[ROLE] < csv->columns;
	if (!is_enough)
		return error_log(err, ERR_INVALID_REQUEST,
			"the mapping, line 1: it needs the columns tenant, role, and subject or email");
	if (at[ENV] == csv->columns && str_is_empty(env_given(b)))
		return error_log(err, ERR_INVALID_REQUEST, "the mapping has no column env: say --env");
	return true;
}

static bool read_mapping(
	struct backfill *b, const char *path, const struct index *by_subject, struct error *err)
{
	struct csv csv;
	struct str text;
	size_t at[COLUMNS];
	struct error why = ERROR_INIT;
	if (!config_read_file(b->ctl->arena, "the mapping", str_c(path), LIMIT_BACKFILL_FILE, false, &text, err))
		return false;
	if (!csv_parse(b->ctl->arena, text, &csv, &why))
		return error_log(err, ERR_INVALID_REQUEST, "the mapping, %s", why.detail);
	if (!find_columns(b, &csv, at, err))
		return false;
	struct index by_email = index_of(b, true);
	b->wants = ARENA_ARRAY(b->ctl->arena, struct backfill_want, csv.rows);
	b->want_count = csv.rows;
	for (size_t i = 0; i < csv.rows; i++) {
		struct backfill_want *want = &b->wants[i];
		struct str env = csv_field(&csv, i, at[ENV]);
		want->place = csv.lines[i];
		want->tenant = csv_field(&csv, i, at[TENANT]);
		want->role = csv_field(&csv, i, at[ROLE]);
		want->env = str_is_empty(env) ? env_given(b) : env;
		check(b, want,
			name_user(b, by_subject, &by_email, csv_field(&csv, i, at[SUBJECT]),
				csv_field(&csv, i, at[EMAIL]), want));
	}
	return true;
}

static bool read_metadata(struct backfill *b, struct error *err)
{
	if (str_is_empty(env_given(b)))
		return error_log(
			err, ERR_INVALID_REQUEST, "without a mapping, --env says in which env the tenants are");
	b->wants = ARENA_ARRAY(b->ctl->arena, struct backfill_want, b->user_count);
	for (size_t i = 0; i < b->user_count; i++) {
		struct backfill_user *u = &b->users[i];
		if (str_is_empty(u->tenant))
			continue;
		struct backfill_want *want = &b->wants[b->want_count++];
		*want = (struct backfill_want){ .place = u->place,
			.who = u->subject,
			.user = u,
			.tenant = u->tenant,
			.role = str_is_empty(u->role) ? STR("member") : u->role,
			.env = env_given(b) };
		check(b, want, u->is_gone ? BACKFILL_GONE : BACKFILL_JOINED);
	}
	return true;
}

bool backfill_read_wants(struct backfill *b, const char *path, struct error *err)
{
	struct index by_subject = index_of(b, false);
	if (!subjects_are_unique(&by_subject, err))
		return false;
	return path ? read_mapping(b, path, &by_subject, err) : read_metadata(b, err);
}
