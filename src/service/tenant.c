/*
 * The tenant's own fields. One table says which there are, how each is checked and where it may be given; what
 * is not in it is refused by name, so that nobody sends a status or an id along.
 */
#include "service/tenant.h"

#include "core/buf.h"
#include "core/limits.h"
#include "core/validate.h"
#include "repo/tenants.h"

enum { IN_CHANGE = 1, IN_ONBOARDING = 2 };

static bool valid_text(struct str field, struct str value, struct error *err)
{
	return validate_text(field, value, LIMIT_NAME * 5, err);
}

static const struct field {
	struct str name;
	int where;
	bool may_be_null;
	bool (*valid)(struct str field, struct str value, struct error *err);
} fields[] = {
	{ STR("name"), IN_CHANGE, false, validate_name },
	{ STR("organization_name"), IN_CHANGE | IN_ONBOARDING, false, validate_name },
	{ STR("legal_name"), IN_CHANGE | IN_ONBOARDING, true, validate_name },
	{ STR("postal_address"), IN_CHANGE | IN_ONBOARDING, true, valid_text },
	{ STR("contact_email"), IN_CHANGE | IN_ONBOARDING, true, validate_email },
	{ STR("country"), IN_CHANGE | IN_ONBOARDING, true, validate_country },
};

static const struct field *field_named(struct str name, int where)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (str_eq(fields[i].name, name) && fields[i].where & where)
			return &fields[i];
	return NULL;
}

static bool take_field(
	struct buf *out, const struct field *field, const struct json *value, struct error *err)
{
	struct str text;
	bool is_null = json_kind(value) == JSON_NULL;
	if (is_null && !field->may_be_null)
		return error_field(err, field->name, "cannot be null");
	if (!is_null && !json_string(value, &text))
		return error_field(err, field->name, "is not a string");
	if (!is_null)
		text = str_trim(text);
	if (!is_null && !field->valid(field->name, text, err))
		return false;
	if (out->len > 1)
		buf_add_char(out, ',');
	buf_add_json(out, field->name);
	buf_add_char(out, ':');
	if (is_null)
		buf_add_c(out, "null");
	else
		buf_add_json(out, text);
	return true;
}

/* The checked fields of `object` as a JSON object of their own, every refusal gathered. */
static bool take_fields(
	const struct context *ctx, const struct json *object, int where, struct str *json, struct error *err)
{
	struct buf out;
	buf_init(&out, ctx->arena, LIMIT_BODY);
	buf_add_char(&out, '{');
	for (size_t i = 0; i < json_count(object); i++) {
		struct str name;
		const struct json *value = json_at(object, i, &name);
		const struct field *field = field_named(name, where);
		bool taken =
			field ? take_field(&out, field, value, err) : error_field(err, name, "cannot be set here");
		(void)taken; /* go on: the caller is told of every field at once */
	}
	buf_add_char(&out, '}');
	*json = buf_str(&out);
	return err->field_count == 0;
}

bool tenant_show(const struct context *ctx, struct str *json, struct error *err)
{
	return tenants_get(ctx, json, err);
}

bool tenant_change(const struct context *ctx, const struct json *changes, struct str *json, struct error *err)
{
	struct str checked;
	if (!take_fields(ctx, changes, IN_CHANGE, &checked, err))
		return false;
	if (json_count(changes) == 0)
		return error_set(err, ERR_INVALID_REQUEST, "the body changes nothing");
	return tenants_change(ctx, checked, json, err);
}

bool onboarding_show(const struct context *ctx, struct str *json, struct error *err)
{
	return tenants_onboarding(ctx, json, err);
}

bool onboarding_complete(
	const struct context *ctx, const struct json *object, struct str *json, struct error *err)
{
	struct str checked;
	if (!take_fields(ctx, object, IN_ONBOARDING, &checked, err))
		return false;
	if (!json_get(object, STR("organization_name")))
		return error_field(err, STR("organization_name"), "is required");
	return tenants_complete(ctx, checked, json, err);
}
