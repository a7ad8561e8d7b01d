/* Members: the forms are checked here, the rights in the database. */
#include "service/member.h"

#include "repo/members.h"

/* A role as it is given and as it is kept. */
static const struct {
	struct str given, kept;
} roles[] = {
	{ STR("member"), STR("member") },
	{ STR("tenant_admin"), STR("tenant_admin") },
	{ STR("admin"), STR("tenant_admin") },
	{ STR("owner"), STR("owner") },
};

static bool role_parse(struct str given, struct str *kept, struct error *err)
{
	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		if (str_eq(roles[i].given, given)) {
			*kept = roles[i].kept;
			return true;
		}
	}
	return error_field(err, STR("role"), "is none of owner, tenant_admin, member");
}

static bool status_is_one_of(struct str given, const struct str *allowed, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(allowed[i], given))
			return true;
	return error_field(
		err, STR("status"), "cannot be \"%.*s\"", (int)(given.len > 40 ? 40 : given.len), given.at);
}

static bool user_parse(struct str text, struct uuid *user, struct error *err)
{
	/* Not a UUID: no such member, as with a UUID that nobody has. */
	return uuid_parse(text, user) || error_set(err, ERR_NOT_FOUND, "there is no such object");
}

bool member_list(const struct context *ctx, struct page *page, struct str role, struct str status,
	struct str *array, struct str *next, struct error *err)
{
	static const struct str shown[] = { STR("pending"), STR("active"), STR("suspended") };
	struct rows rows;
	if (!str_is_empty(role) && !role_parse(role, &role, err))
		return false;
	if (!str_is_empty(status) && !status_is_one_of(status, shown, COUNT_OF(shown), err))
		return false;
	if (!members_list(ctx, page, role, status, &rows, err))
		return false;
	page_render(ctx, page, &rows, array, next);
	return true;
}

bool member_show(const struct context *ctx, struct str user, struct str *json, struct error *err)
{
	struct uuid id;
	return user_parse(user, &id, err) && members_get(ctx, &id, json, err);
}

/* Reads role and status out of the object; whatever else stands there is refused by name. */
static bool take_changes(const struct json *changes, struct str *role, struct str *status, struct error *err)
{
	static const struct str settable[] = { STR("active"), STR("suspended") };
	for (size_t i = 0; i < json_count(changes); i++) {
		struct str name, text;
		const struct json *value = json_at(changes, i, &name);
		bool is_role = str_eq(name, STR("role"));
		bool taken;
		if (!is_role && !str_eq(name, STR("status")))
			taken = error_field(err, name, "cannot be set here");
		else if (!json_string(value, &text))
			taken = error_field(err, name, "is not a string");
		else if (is_role)
			taken = role_parse(text, role, err);
		else if ((taken = status_is_one_of(text, settable, COUNT_OF(settable), err)))
			*status = text;
		(void)taken; /* go on: the caller is told of every field at once */
	}
	return err->field_count == 0;
}

bool member_change(const struct context *ctx, struct str user, const struct json *changes, struct str *json,
	struct error *err)
{
	struct uuid id;
	struct str role = STR(""), status = STR("");
	if (!take_changes(changes, &role, &status, err))
		return false;
	if (json_count(changes) == 0)
		return error_set(err, ERR_INVALID_REQUEST, "the body changes nothing");
	return user_parse(user, &id, err) && members_change(ctx, &id, role, status, json, err);
}

bool member_remove(const struct context *ctx, struct str user, struct error *err)
{
	struct uuid id;
	return user_parse(user, &id, err) && members_remove(ctx, &id, err);
}

bool member_leave(const struct context *ctx, struct error *err)
{
	return members_leave(ctx, err);
}
