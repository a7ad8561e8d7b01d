/*
 * Reads the users out of an identity provider's export: Supabase's auth.users as CSV or JSON, the answer of its admin API,
 * and Keycloak's export of a realm or of users. Must take nothing from an export but what it names: a name or an address
 * that is not fit to be kept is left out, and the user stays.
 */
#include "backfill.h"

#include "core/csv.h"
#include "core/json.h"
#include "core/validate.h"

/* One user of an export in either form. */
struct entry {
	struct arena *arena;
	const struct csv *csv; /* NULL: JSON */
	size_t row;
	const struct json *object;
	bool is_broken; /* a text that should have JSON in it has none */
};

/* The value at a dotted path as text. Its first name is a column or a member, and when that is a text with JSON in it, the
 * rest of the path leads on inside. A list with one text is that text, as Keycloak writes attributes. */
static struct str text_at(struct entry *e, struct str path)
{
	struct error ignored = ERROR_INIT;
	struct str name, text = STR("");
	struct str rest = str_split(path, '.', &name);
	const struct json *value = e->csv ? NULL : json_get(e->object, name);
	bool is_text = e->csv != NULL;
	if (e->csv)
		text = csv_field(e->csv, e->row, csv_column(e->csv, name));
	else
		is_text = json_string(value, &text);
	if (str_is_empty(rest) && is_text)
		return text;
	if (is_text)
		value = str_is_empty(text) ? NULL : json_parse(e->arena, text, &ignored);
	e->is_broken = e->is_broken || (is_text && !str_is_empty(text) && !value);
	value = json_path(value, rest);
	if (json_kind(value) == JSON_ARRAY && json_count(value) == 1)
		value = json_at(value, 0, NULL);
	bool flag;
	if (json_bool(value, &flag))
		return flag ? STR("true") : STR("false");
	return json_string(value, &text) ? text : STR("");
}

/* The first of these paths at which there is a text. */
static struct str first_of(struct entry *e, const char *const *paths)
{
	struct str found = STR("");
	for (; *paths && str_is_empty(found); paths++)
		found = text_at(e, str_c(*paths));
	return found;
}

/* A time, or yes. Some exports write "null" for nothing. */
static bool is_set(struct str s)
{
	return str_eq(s, STR("true")) || str_eq(s, STR("t")) || (s.len > 0 && s.at[0] >= '0' && s.at[0] <= '9');
}

static const char *const verified[] = { "email_confirmed_at", "emailVerified", "email_verified", NULL };
static const char *const names[] = { "raw_user_meta_data.name", "raw_user_meta_data.full_name",
	"user_metadata.name", "user_metadata.full_name", NULL };

static struct str name_of(struct entry *e)
{
	struct error ignored = ERROR_INIT;
	struct str name = first_of(e, names);
	if (str_is_empty(name))
		name = arena_printf(e->arena, "%.*s %.*s", STR_ARG(text_at(e, STR("firstName"))),
			STR_ARG(text_at(e, STR("lastName"))));
	name = str_trim(name);
	return validate_name(STR("name"), name, &ignored) ? name : STR("");
}

static struct str email_of(struct entry *e)
{
	struct error ignored = ERROR_INIT;
	struct str email = text_at(e, STR("email"));
	return validate_email(STR("email"), email, &ignored) ? email : STR("");
}

static bool read_user(struct backfill *b, struct entry *e, struct backfill_user *u, struct error *err)
{
	u->subject = text_at(e, STR("id"));
	if (str_is_empty(u->subject) || u->subject.len > LIMIT_SUBJECT || str_has_control(u->subject))
		return error_log(err, ERR_INVALID_REQUEST,
			"the export, %s %zu: the user has no 'id' that can be a subject", e->csv ? "line" : "user",
			u->place);
	u->email = email_of(e);
	u->name = name_of(e);
	u->is_verified = u->email.len > 0 && is_set(first_of(e, verified));
	u->is_gone = is_set(text_at(e, STR("deleted_at"))) || str_eq(text_at(e, STR("enabled")), STR("false"));
	if (!str_is_empty(b->tenant_path))
		u->tenant = text_at(e, b->tenant_path);
	if (!str_is_empty(b->role_path))
		u->role = text_at(e, b->role_path);
	return !e->is_broken ||
		error_log(err, ERR_INVALID_REQUEST, "the export, %s %zu: the metadata is no JSON",
			e->csv ? "line" : "user", u->place);
}

static bool read_csv(struct backfill *b, struct str text, struct error *err)
{
	struct csv csv;
	struct error why = ERROR_INIT;
	if (!csv_parse(b->ctl->arena, text, &csv, &why))
		return error_log(err, ERR_INVALID_REQUEST, "the export, %s", why.detail);
	b->users = ARENA_ARRAY(b->ctl->arena, struct backfill_user, csv.rows);
	b->export_has_lines = true;
	for (size_t i = 0; i < csv.rows; i++) {
		struct entry e = { .arena = b->ctl->arena, .csv = &csv, .row = i };
		b->users[i].place = csv.lines[i];
		if (!read_user(b, &e, &b->users[i], err))
			return false;
	}
	b->user_count = csv.rows;
	return true;
}

static bool read_json(struct backfill *b, struct str text, struct error *err)
{
	struct error why = ERROR_INIT;
	const struct json *document = json_parse(b->ctl->arena, text, &why);
	if (!document)
		return error_log(
			err, ERR_INVALID_REQUEST, "the export, line %zu: %s", json_fault_line(text), why.detail);
	const struct json *list =
		json_kind(document) == JSON_OBJECT ? json_get(document, STR("users")) : document;
	if (json_kind(list) != JSON_ARRAY)
		return error_log(
			err, ERR_INVALID_REQUEST, "the export is neither a list of users nor an object with 'users'");
	b->user_count = json_count(list);
	b->users = ARENA_ARRAY(b->ctl->arena, struct backfill_user, b->user_count);
	for (size_t i = 0; i < b->user_count; i++) {
		struct entry e = { .arena = b->ctl->arena, .object = json_at(list, i, NULL) };
		b->users[i].place = i + 1;
		if (!read_user(b, &e, &b->users[i], err))
			return false;
	}
	return true;
}

bool backfill_read_export(struct backfill *b, const char *path, struct error *err)
{
	struct str text;
	if (!config_read_file(b->ctl->arena, "the export", str_c(path), LIMIT_BACKFILL_FILE, false, &text, err))
		return false;
	if (str_starts(text, STR("\xef\xbb\xbf"))) /* a byte order mark */
		text = str_skip(text, 3);
	struct str start = str_trim(str_of(text.at, text.len < 64 ? text.len : 64));
	bool is_json = str_starts(start, STR("{")) || str_starts(start, STR("["));
	return is_json ? read_json(b, text, err) : read_csv(b, text, err);
}
