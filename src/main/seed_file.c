/*
 * Reads the file of `tenantctl seed` and turns it into what the database is given. Its form is said by tables of fields, as that
 * of every body; here stands what no table can say. Must never give a password away: neither to the database nor in a message.
 */
#include "api/types.h"
#include "core/validate.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "seed.h"

/* ---- its form ---- */

static bool subject_fits(struct str field, struct str value, struct error *err)
{
	return (value.len > 0 && value.len <= LIMIT_SUBJECT && !str_has_control(value)) ||
		error_field(err, field, "is no subject of a token");
}

/* Its strength is looked at later, with the address of whose it is. */
static bool password_fits(struct str field, struct str value, struct error *err)
{
	return value.len > 0 || error_field(err, field, "is empty: leave it out to have one made");
}

/* Nothing is seeded in prod. */
static const struct type env = { .kind = JSON_STRING,
	.words = (const char *const[]){ "dev", "staging", NULL } };
static const struct type slug = { .kind = JSON_STRING, .check = validate_slug };
static const struct type subject = { .kind = JSON_STRING, .is_exact = true, .check = subject_fits };
static const struct type password = { .kind = JSON_STRING, .is_exact = true, .check = password_fits };
static const struct type member_status = { .kind = JSON_STRING,
	.words = (const char *const[]){ "pending", "active", "suspended", "rejected", "removed", NULL } };

static const struct field person_fields[] = {
	{ "email", &type_email, REQUIRED },
	{ "name", &type_name, REQUIRED },
	{ "password", &password, 0 },
	{ "subject", &subject, 0 },
	{ "system_admin", &type_bool, 0 },
	FIELDS_END,
};
static const struct type person = { .kind = JSON_OBJECT, .fields = person_fields };

static const struct field member_fields[] = {
	{ "email", &type_email, REQUIRED },
	{ "role", &type_role_given, 0 },
	{ "status", &member_status, 0 },
	{ "message", &type_long_text, 0 },
	FIELDS_END,
};
static const struct type member = { .kind = JSON_OBJECT, .fields = member_fields };

static const struct field invitation_fields[] = {
	{ "email", &type_email, REQUIRED },
	{ "role", &type_role_given, 0 },
	FIELDS_END,
};
static const struct type invitation = { .kind = JSON_OBJECT, .fields = invitation_fields };

static const struct field tenant_fields[] = {
	{ "slug", &slug, REQUIRED },
	{ "name", &type_name, 0 },
	{ "organization_name", &type_name, 0 },
	{ "legal_name", &type_name, 0 },
	{ "postal_address", &type_long_text, 0 },
	{ "contact_email", &type_email, 0 },
	{ "country", &type_country, 0 },
	{ "status", &type_tenant_status, 0 },
	{ "members", ARRAY_OF(member), REQUIRED },
	{ "invitations", ARRAY_OF(invitation), 0 },
	FIELDS_END,
};
static const struct type tenant = { .kind = JSON_OBJECT, .fields = tenant_fields };

static const struct field file_fields[] = {
	{ "envs", ARRAY_OF(env), REQUIRED },
	{ "password", &password, 0 },
	{ "people", ARRAY_OF(person), REQUIRED },
	{ "tenants", ARRAY_OF(tenant), REQUIRED },
	FIELDS_END,
};
static const struct type file = { .kind = JSON_OBJECT, .fields = file_fields };

/* ---- its sense ---- */

static struct str text_of(const struct json *object, const char *name)
{
	struct str text;
	return json_string(json_get(object, str_c(name)), &text) ? text : STR("");
}

const struct seed_person *seed_person(const struct seed *s, struct str email)
{
	for (size_t i = 0; i < s->person_count; i++)
		if (str_eq_nocase(s->persons[i].email, email))
			return &s->persons[i];
	return NULL;
}

/* True when the file is meant for the env. A file that is not says nothing about who may know its passwords there. */
static bool env_is_meant(const struct seed *s, const struct json *envs, struct error *err)
{
	struct str one;
	for (size_t i = 0; i < json_count(envs); i++)
		if (json_string(json_at(envs, i, NULL), &one) && str_eq(one, s->env))
			return true;
	return error_field(
		err, STR("envs"), "does not name %.*s: the file is not meant for that env", STR_ARG(s->env));
}

/* Gives an account its password: its own, that of the file, or a new one. */
static bool choose_password(struct seed *s, struct seed_person *p, struct str own, struct str common,
	struct str field, struct error *err)
{
	uint8_t random[15];
	p->password = str_is_empty(own) ? common : own;
	p->password_is_new = str_is_empty(p->password);
	if (!p->password_is_new)
		return password_is_fit(field, p->password, p->email, err);
	digest_random(random, sizeof(random));
	p->password = base64url_encode(s->ctl->arena, random, sizeof(random));
	return true;
}

static bool take_people(struct seed *s, struct str common, struct error *err)
{
	size_t count = json_count(s->people);
	s->persons = ARENA_ARRAY(s->ctl->arena, struct seed_person, count);
	for (size_t i = 0; i < count; i++) {
		const struct json *object = json_at(s->people, i, NULL);
		struct str field = arena_printf(s->ctl->arena, "people[%zu]", i), email = text_of(object, "email");
		struct seed_person *p = &s->persons[i];
		if (seed_person(s, email))
			error_field(err, field, "has the address of another one");
		s->person_count++;
		*p = (struct seed_person){ .email = email,
			.subject = s->issuer ? text_of(object, "subject") : STR("") };
		if (!str_is_empty(p->subject))
			continue;
		if (str_is_empty(s->ctl->config.accounts.issuer))
			error_field(err, field,
				"would sign in here, where nobody does ([accounts] issuer is not set): give a subject, and say --issuer");
		else if (!choose_password(s, p, text_of(object, "password"), common, field, err))
			continue; /* they are told of every field at once */
	}
	return err->field_count == 0;
}

static bool check_members(
	const struct seed *s, const struct json *members, struct str path, struct error *err)
{
	for (size_t i = 0; i < json_count(members); i++) {
		const struct json *m = json_at(members, i, NULL);
		struct str field = arena_printf(s->ctl->arena, "%.*s.members[%zu]", STR_ARG(path), i);
		if (!seed_person(s, text_of(m, "email")))
			error_field(err, field, "is none of the people");
		for (size_t j = 0; j < i; j++)
			if (str_eq_nocase(text_of(m, "email"), text_of(json_at(members, j, NULL), "email")))
				error_field(err, field, "is in the tenant already");
		if (json_get(m, STR("message")) && !str_eq(text_of(m, "status"), STR("pending")))
			error_field(err, field, "has a message, which only a request has: one that is pending");
	}
	return err->field_count == 0;
}

static bool check_tenants(const struct seed *s, struct error *err)
{
	for (size_t i = 0; i < json_count(s->tenants); i++) {
		const struct json *t = json_at(s->tenants, i, NULL);
		struct str path = arena_printf(s->ctl->arena, "tenants[%zu]", i);
		for (size_t j = 0; j < i; j++)
			if (str_eq(text_of(t, "slug"), text_of(json_at(s->tenants, j, NULL), "slug")))
				error_field(err, path, "has the slug of another one");
		if (!check_members(s, json_get(t, STR("members")), path, err))
			return false;
	}
	return err->field_count == 0;
}

/* ---- the plan ---- */

static void copy(struct buf *out, const char *name, const struct json *value)
{
	struct str text;
	bool flag, is_object = json_kind(value) == JSON_OBJECT;
	if (json_string(value, &text))
		json_write_text(out, name, text);
	else if (json_bool(value, &flag))
		json_write_flag(out, name, flag);
	else {
		json_write_open(out, name, is_object ? '{' : '[');
		for (size_t i = 0; i < json_count(value); i++) {
			const struct json *inner = json_at(value, i, &text);
			if (is_object)
				json_write_name(out, text);
			copy(out, NULL, inner);
		}
		json_write_close(out, is_object ? '}' : ']');
	}
}

static bool write_account(
	const struct seed *s, struct buf *out, const struct seed_person *p, struct error *err)
{
	uint8_t salt[PASSWORD_SALT], derived[PASSWORD_DERIVED];
	digest_random(salt, sizeof(salt));
	if (!password_derive(p->password, PASSWORD_COST, salt, derived, err))
		return false;
	json_write_text(out, "issuer", s->ctl->config.accounts.issuer);
	json_write_int(out, "cost", PASSWORD_COST);
	json_write_text(out, "salt", hex_encode(out->arena, salt, sizeof(salt)));
	json_write_text(out, "password", hex_encode(out->arena, derived, sizeof(derived)));
	return true;
}

static bool write_person(const struct seed *s, struct buf *out, size_t i, struct error *err)
{
	const struct json *object = json_at(s->people, i, NULL);
	const struct seed_person *p = &s->persons[i];
	bool is_admin = false, is_said = json_bool(json_get(object, STR("system_admin")), &is_admin);
	json_write_open(out, NULL, '{');
	json_write_text(out, "email", p->email);
	json_write_text(out, "name", text_of(object, "name"));
	json_write_flag(out, "system_admin", is_said && is_admin);
	if (str_is_empty(p->subject)) {
		if (!write_account(s, out, p, err))
			return false;
	} else {
		json_write_text(out, "issuer", s->issuer->issuer);
		json_write_text(out, "subject", p->subject);
	}
	json_write_close(out, '}');
	return true;
}

static bool make_plan(struct seed *s, struct error *err)
{
	struct buf out;
	buf_init(&out, s->ctl->arena, 8 * (size_t)LIMIT_SEED_FILE);
	json_write_open(&out, NULL, '{');
	json_write_open(&out, "people", '[');
	for (size_t i = 0; i < s->person_count; i++)
		if (!write_person(s, &out, i, err))
			return false;
	json_write_close(&out, ']');
	copy(&out, "tenants", s->tenants);
	json_write_close(&out, '}');
	s->plan = buf_str(&out);
	return buf_ok(&out) || error_log(err, ERR_INTERNAL, "the plan is longer than %zu bytes", out.limit);
}

/* All that is wrong with the file, as one text for the operator. */
static bool refuse(const struct seed *s, const char *path, const struct error *why, struct error *err)
{
	struct buf out;
	buf_init(&out, s->ctl->arena, ERROR_OPERATOR);
	for (size_t i = 0; i < why->field_count; i++)
		buf_add_item(&out, "; ", arena_printf(out.arena, "%s %s", why->fields[i].name, why->fields[i].why));
	if (why->field_count == 0)
		buf_add_c(&out, why->operator[0] ? why->operator: why->detail);
	return error_log(err, ERR_INVALID_REQUEST, "'%s': %s", path, buf_str(&out).at);
}

bool seed_read(struct seed *s, const char *path, struct error *err)
{
	struct str text, checked;
	struct error why = ERROR_INIT;
	if (!config_read_file(s->ctl->arena, "the seed", str_c(path), LIMIT_SEED_FILE, false, &text, err))
		return false;
	if (json_fault_line(text) > 0)
		return error_log(
			err, ERR_INVALID_REQUEST, "'%s', line %zu: this is no JSON", path, json_fault_line(text));
	if (!form_body(s->ctl->arena, &file, text, false, &checked, &why))
		return refuse(s, path, &why, err);
	const struct json *object = json_parse(s->ctl->arena, checked, err);
	s->people = json_get(object, STR("people"));
	s->tenants = json_get(object, STR("tenants"));
	if (!object || !env_is_meant(s, json_get(object, STR("envs")), &why) ||
		!take_people(s, text_of(object, "password"), &why) || !check_tenants(s, &why))
		return refuse(s, path, &why, err);
	return make_plan(s, err);
}
