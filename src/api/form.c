/* Reads what callers send, by the tables of fields. Each value is checked once, here, and the refusal
 * names everything that is wrong. */
#include "api/form.h"

#include "core/json_write.h"
#include "core/limits.h"

#include <stdio.h>

static bool has_bounds(const struct type *type)
{
	return type->least != 0 || type->most != 0;
}

static const char *sentence_of_kind(enum json_kind kind)
{
	static const char *const sentences[] = {
		[JSON_BOOL] = "is neither true nor false",
		[JSON_NUMBER] = "is not a whole number",
		[JSON_STRING] = "is not a string",
		[JSON_ARRAY] = "is not an array",
		[JSON_OBJECT] = "is not an object",
	};
	return sentences[kind];
}

/* Refuses with, for example, "is none of dev, staging, prod". */
static bool refuse_word(const struct type *type, struct str name, struct error *err)
{
	char list[ERROR_TEXT] = "";
	size_t len = 0;
	for (size_t i = 0; type->words[i] && len < sizeof(list); i++) {
		int n = snprintf(list + len, sizeof(list) - len, "%s%s", i > 0 ? ", " : "", type->words[i]);
		len += n > 0 ? (size_t)n : 0;
	}
	return error_field(err, name, "is none of %s", list);
}

static bool take_text(const struct type *type, struct str name, struct str *value, struct error *err)
{
	if (!type->words)
		return !type->check || type->check(name, *value, err);
	for (size_t i = 0; type->words[i]; i++) {
		if (str_eq(*value, str_c(type->words[i]))) {
			*value = str_c(type->kept ? type->kept[i] : type->words[i]);
			return true;
		}
	}
	return refuse_word(type, name, err);
}

/* `is_whole` is false when the value is not a whole number. */
static bool take_integer(
	const struct type *type, struct str name, bool is_whole, int64_t value, struct error *err)
{
	if (is_whole && (!has_bounds(type) || (value >= type->least && value <= type->most)))
		return true;
	if (!has_bounds(type))
		return error_field(err, name, "%s", sentence_of_kind(JSON_NUMBER));
	return error_field(
		err, name, "is not a number from %lld to %lld", (long long)type->least, (long long)type->most);
}

/* ---- queries */

static bool take_parameter(const struct type *type, struct str name, struct str *value, struct error *err)
{
	int64_t number = 0;
	switch (type->kind) {
	case JSON_NUMBER: {
		bool is_whole = str_to_int64(*value, &number);
		return take_integer(type, name, is_whole, number, err);
	}
	case JSON_BOOL:
		return str_eq(*value, STR("true")) || str_eq(*value, STR("false")) ||
			error_field(err, name, "%s", sentence_of_kind(JSON_BOOL));
	case JSON_STRING:
		return take_text(type, name, value, err);
	default:
		BUG("a query has no %d", type->kind);
	}
}

static size_t field_named(const struct field *form, struct str name)
{
	size_t i = 0;
	while (form && form[i].name && !str_eq(str_c(form[i].name), name))
		i++;
	return i;
}

bool form_query(
	const struct field *form, const struct path *path, struct given given[FORM_QUERY], struct error *err)
{
	size_t fields = 0;
	while (form && form[fields].name)
		fields++;
	if (fields > FORM_QUERY)
		BUG("a query of %zu fields", fields);
	for (size_t i = 0; i < FORM_QUERY; i++)
		given[i] = (struct given){ false, STR("") };
	for (size_t i = 0; i < path->query_count; i++) {
		struct str name = path->query[i].name, value = path->query[i].value;
		size_t at = field_named(form, name);
		bool is_fit = false;
		if (at == fields)
			is_fit = error_field(err, name, "is not a parameter here");
		else if (given[at].is_given)
			is_fit = error_field(err, name, "is given twice");
		else
			is_fit = take_parameter(form[at].type, name, &value, err);
		if (is_fit || at < fields)
			given[at] = (struct given){ true, value };
	}
	for (size_t i = 0; i < fields; i++)
		if (form[i].flags & REQUIRED && !given[i].is_given)
			error_field(err, str_c(form[i].name), "is required");
	return err->field_count == 0;
}

/* ---- bodies */

static bool put_object(
	struct buf *out, const struct field *form, const struct json *object, struct str path, struct error *err);

/* The name of a field inside another one, such as "emails[2]" or "contact.name". */
static struct str inside(struct arena *a, struct str path, struct str name)
{
	return str_is_empty(path) ? name : arena_printf(a, "%.*s.%.*s", STR_ARG(path), STR_ARG(name));
}

static bool put_value(
	struct buf *out, const struct type *type, const struct json *value, struct str name, struct error *err);

static bool put_array(
	struct buf *out, const struct type *type, const struct json *array, struct str name, struct error *err)
{
	int64_t count = (int64_t)json_count(array);
	bool is_fit = true;
	if (has_bounds(type) && (count < type->least || count > type->most))
		return error_field(
			err, name, "does not have %lld to %lld elements", (long long)type->least, (long long)type->most);
	json_write_open(out, NULL, '[');
	for (size_t i = 0; i < (size_t)count; i++) {
		struct str element = arena_printf(out->arena, "%.*s[%zu]", STR_ARG(name), i);
		is_fit = put_value(out, type->items, json_at(array, i, NULL), element, err) && is_fit;
	}
	json_write_close(out, ']');
	return is_fit;
}

static bool put_text(
	struct buf *out, const struct type *type, const struct json *value, struct str name, struct error *err)
{
	struct str text;
	if (!json_string(value, &text))
		return error_field(err, name, "%s", sentence_of_kind(JSON_STRING));
	if (!type->is_exact)
		text = str_trim(text);
	if (!take_text(type, name, &text, err))
		return false;
	json_write_text(out, NULL, text);
	return true;
}

static bool put_number(
	struct buf *out, const struct type *type, const struct json *value, struct str name, struct error *err)
{
	int64_t number = 0;
	bool is_whole = json_int64(value, &number);
	if (!take_integer(type, name, is_whole, number, err))
		return false;
	json_write_int(out, NULL, number);
	return true;
}

/* Prints the value as it was accepted. Nobody uses what is printed of a refused one. */
static bool put_value(
	struct buf *out, const struct type *type, const struct json *value, struct str name, struct error *err)
{
	bool flag;
	switch (type->kind) {
	case JSON_STRING:
		return put_text(out, type, value, name, err);
	case JSON_NUMBER:
		return put_number(out, type, value, name, err);
	case JSON_BOOL:
		if (!json_bool(value, &flag))
			break;
		json_write_flag(out, NULL, flag);
		return true;
	case JSON_ARRAY:
		if (json_kind(value) != JSON_ARRAY)
			break;
		return put_array(out, type, value, name, err);
	case JSON_OBJECT:
		if (json_kind(value) != JSON_OBJECT)
			break;
		return put_object(out, type->fields, value, name, err);
	case JSON_NULL:
		BUG("a body's field of any type");
	}
	return error_field(err, name, "%s", sentence_of_kind(type->kind));
}

static bool put_member(
	struct buf *out, const struct field *field, const struct json *value, struct str path, struct error *err)
{
	struct str name = inside(out->arena, path, str_c(field->name));
	json_write_name(out, str_c(field->name));
	if (json_kind(value) != JSON_NULL)
		return put_value(out, field->type, value, name, err);
	if (!(field->flags & NULLABLE))
		return error_field(err, name, "cannot be null");
	json_write_raw(out, NULL, "null");
	return true;
}

static bool put_object(
	struct buf *out, const struct field *form, const struct json *object, struct str path, struct error *err)
{
	size_t before = err->field_count;
	json_write_open(out, NULL, '{');
	for (size_t i = 0; i < json_count(object); i++) {
		struct str name;
		const struct json *value = json_at(object, i, &name);
		const struct field *field = &form[field_named(form, name)];
		if (!field->name) {
			error_field(err, inside(out->arena, path, name), "cannot be set here");
			continue;
		}
		bool is_fit = put_member(out, field, value, path, err);
		(void)is_fit; /* The caller is told of every field at once. */
	}
	json_write_close(out, '}');
	for (const struct field *field = form; field->name; field++)
		if (field->flags & REQUIRED && !json_get(object, str_c(field->name)))
			error_field(err, inside(out->arena, path, str_c(field->name)), "is required");
	return err->field_count == before;
}

bool form_demands_body(const struct type *type)
{
	for (const struct field *field = type->fields; field->name; field++)
		if (field->flags & REQUIRED)
			return true;
	return false;
}

bool form_body(struct arena *a, const struct type *type, struct str body, bool is_change, struct str *checked,
	struct error *err)
{
	struct buf out;
	if (str_is_empty(body)) {
		*checked = STR("{}");
		return (!is_change && !form_demands_body(type)) ||
			error_set(err, ERR_INVALID_REQUEST, "a JSON object is expected as the body");
	}
	const struct json *object = json_parse(a, body, err);
	if (!object)
		return false;
	if (json_kind(object) != JSON_OBJECT)
		return error_set(err, ERR_INVALID_REQUEST, "a JSON object is expected as the body");
	/* A byte of the body becomes at most six bytes (\u00xx), and a number does not get longer. */
	buf_init(&out, a, body.len * 6 + 64);
	if (!put_object(&out, type->fields, object, STR(""), err))
		return false;
	if (is_change && json_count(object) == 0)
		return error_set(err, ERR_INVALID_REQUEST, "the body changes nothing");
	if (!buf_ok(&out))
		BUG("a checked body of more than %zu bytes", body.len * 6 + 64);
	*checked = buf_str(&out);
	return true;
}
