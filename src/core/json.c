/*
 * Only this file uses json-c. json_parse lets through only what core/json_accept.c accepts, so that json-c
 * never sees a text on which it is lenient. Integers that it would clamp are given an exponent first, which
 * makes them doubles. Must never convert between types, and must wipe what json-c copied out of the request
 * before that memory goes back to the heap.
 */

/* json-c has a type with the same name as our function. */
#define json_bool json_c_bool
#include <json-c/json.h>
#undef json_bool

#include "core/json.h"

#include "core/buf.h"
#include "core/limits.h"
#include "json_accept.h"

#include <float.h>

/* json-c has no object for null: this stands for one, so that NULL can mean "absent". */
static const char null_value;
#define NULL_JSON ((const struct json *)&null_value)

/* The position of the last json_at, so that a walk over an object's members is linear. */
static struct {
	const struct json *object;
	size_t index;
	struct lh_entry *entry;
} cursor;

static struct json_object *object_of(const struct json *v)
{
	return !v || v == NULL_JSON ? NULL : (struct json_object *)(uintptr_t)v;
}

static const struct json *value_of(struct json_object *o)
{
	return o ? (const struct json *)(const void *)o : NULL_JSON;
}

static void wipe(struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_string:
		explicit_bzero((char *)(uintptr_t)json_object_get_string(o), (size_t)json_object_get_string_len(o));
		break;
	case json_type_array:
		for (size_t i = 0; i < json_object_array_length(o); i++)
			wipe(json_object_array_get_idx(o, i));
		break;
	case json_type_object: {
		json_object_object_foreach(o, name, member)
		{
			(void)name;
			wipe(member);
		}
		break;
	}
	default:
		break;
	}
}

/* See json_accept.h. */
static size_t weight_of(struct json_object *o)
{
	size_t weight = o ? JSON_WEIGHT_VALUE : JSON_WEIGHT_NULL;
	switch (json_object_get_type(o)) {
	case json_type_string:
		weight += (size_t)json_object_get_string_len(o);
		break;
	case json_type_array:
		for (size_t i = 0; i < json_object_array_length(o); i++)
			weight += weight_of(json_object_array_get_idx(o, i));
		break;
	case json_type_object: {
		json_object_object_foreach(o, name, member)
		{
			weight += strlen(name) + weight_of(member);
		}
		break;
	}
	default:
		break;
	}
	return weight;
}

static void release(void *object)
{
	cursor.object = NULL;
	wipe(object);
	json_object_put(object);
}

/* The length of the number at the start of s, and whether it is an integer that int64 does not hold. */
static size_t number_at(struct str s, bool *is_wide)
{
	size_t len = 0;
	bool is_integer = true;
	while (len < s.len && strchr("+-.eE0123456789", s.at[len]) && s.at[len] != '\0') {
		is_integer = is_integer && (s.at[len] == '-' || (s.at[len] >= '0' && s.at[len] <= '9'));
		len++;
	}
	bool is_negative = s.at[0] == '-';
	struct str digits = { s.at + is_negative, len - is_negative };
	int64_t value;
	bool fits = str_to_int64(digits, &value) || (is_negative && str_eq(digits, STR("9223372036854775808")));
	*is_wide = is_integer && !fits;
	return len;
}

/* The text with "e0" added to each integer that int64 does not hold. json-c would silently clamp those to the
 * nearest int64; with an exponent they become doubles, which json_int64 refuses. */
static struct str mark_wide_integers(struct arena *a, struct str text)
{
	struct buf out;
	buf_init(&out, a, text.len + text.len / 8 + 16);
	bool in_string = false;
	size_t from = 0, i = 0;
	while (i < text.len) {
		char c = text.at[i];
		bool is_wide = false;
		size_t step = 1;
		if (c == '"')
			in_string = !in_string;
		else if (in_string && c == '\\')
			step = 2;
		else if (!in_string && (c == '-' || (c >= '0' && c <= '9')))
			step = number_at(str_skip(text, i), &is_wide);
		i += step;
		if (is_wide) {
			buf_add(&out, (struct str){ text.at + from, i - from });
			buf_add(&out, STR("e0"));
			from = i;
		}
	}
	buf_add(&out, str_skip(text, from));
	if (!buf_ok(&out))
		BUG("wide integers took more room than they can");
	return buf_str(&out);
}

static struct json_object *parse(struct str text, enum json_tokener_error *problem)
{
	struct json_tokener *t = json_tokener_new_ex(LIMIT_JSON_DEPTH + 2);
	if (!t)
		out_of_memory();
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *o = json_tokener_parse_ex(t, text.at, (int)text.len);
	if (json_tokener_get_error(t) == json_tokener_continue)
		o = json_tokener_parse_ex(t, "", 1); /* a bare number ends only where the text does */
	*problem = json_tokener_get_error(t);
	if (t->pb && t->pb->buf)
		explicit_bzero(t->pb->buf, (size_t)t->pb->size);
	json_tokener_free(t);
	return o;
}

const struct json *json_parse(struct arena *a, struct str text, struct error *err)
{
	const char *why;
	struct json_notes notes;
	text = str_trim(text);
	if (!json_accept_noting(text, &why, &notes)) {
		error_set(err, ERR_INVALID_REQUEST, "invalid JSON: %s", why);
		return NULL;
	}
	if (notes.has_wide)
		text = mark_wide_integers(a, text);
	enum json_tokener_error problem;
	struct json_object *o = parse(text, &problem);
	/* What we accepted json-c reads, unless there was no memory for it. It does not always say so: a member may be
	 * missing then, and a string may be cut short. */
	if (problem != json_tokener_success || weight_of(o) != notes.weight)
		out_of_memory();
	arena_adopt(a, o, release);
	return value_of(o);
}

enum json_kind json_kind(const struct json *v)
{
	switch (json_object_get_type(object_of(v))) {
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_double:
	case json_type_int:
		return JSON_NUMBER;
	case json_type_string:
		return JSON_STRING;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_object:
		return JSON_OBJECT;
	case json_type_null:
		break;
	}
	return JSON_NULL;
}

const struct json *json_get(const struct json *v, struct str name)
{
	char key[256];
	struct json_object *member, *o = object_of(v);
	if (!json_object_is_type(o, json_type_object) || memchr(name.at, '\0', name.len))
		return NULL;
	if (name.len >= sizeof(key)) {
		json_object_object_foreach(o, have, value)
		{
			if (str_eq(name, str_c(have)))
				return value_of(value);
		}
		return NULL;
	}
	memcpy(key, name.at, name.len);
	key[name.len] = '\0';
	return json_object_object_get_ex(o, key, &member) ? value_of(member) : NULL;
}

const struct json *json_path(const struct json *v, struct str path)
{
	while (v && !str_is_empty(path)) {
		struct str name;
		path = str_split(path, '.', &name);
		v = json_get(v, name);
	}
	return v;
}

bool json_string(const struct json *v, struct str *out)
{
	struct json_object *o = object_of(v);
	if (!json_object_is_type(o, json_type_string))
		return false;
	*out = str_of(json_object_get_string(o), (size_t)json_object_get_string_len(o));
	return true;
}

bool json_int64(const struct json *v, int64_t *out)
{
	struct json_object *o = object_of(v);
	if (!json_object_is_type(o, json_type_int))
		return false;
	*out = json_object_get_int64(o);
	return true;
}

bool json_double(const struct json *v, double *out)
{
	if (json_kind(v) != JSON_NUMBER)
		return false;
	*out = json_object_get_double(object_of(v));
	return *out >= -DBL_MAX && *out <= DBL_MAX;
}

bool json_number(const struct json *v, struct str *out)
{
	if (json_kind(v) != JSON_NUMBER)
		return false;
	*out = str_c(json_object_get_string(object_of(v)));
	return true;
}

bool json_bool(const struct json *v, bool *out)
{
	struct json_object *o = object_of(v);
	if (!json_object_is_type(o, json_type_boolean))
		return false;
	*out = json_object_get_boolean(o) != 0;
	return true;
}

size_t json_count(const struct json *v)
{
	struct json_object *o = object_of(v);
	if (json_object_is_type(o, json_type_array))
		return json_object_array_length(o);
	return json_object_is_type(o, json_type_object) ? (size_t)json_object_object_length(o) : 0;
}

static const struct json *member_at(const struct json *v, size_t i, struct str *name)
{
	struct json_object *o = object_of(v);
	if (cursor.object != v || cursor.index > i) {
		cursor.object = v;
		cursor.index = 0;
		cursor.entry = json_object_get_object(o)->head;
	}
	while (cursor.index < i) {
		cursor.entry = cursor.entry->next;
		cursor.index++;
	}
	if (name)
		*name = str_c(lh_entry_k(cursor.entry));
	return value_of((struct json_object *)lh_entry_v(cursor.entry));
}

const struct json *json_at(const struct json *v, size_t i, struct str *name)
{
	if (name)
		*name = STR("");
	if (i >= json_count(v))
		return NULL;
	if (json_kind(v) == JSON_OBJECT)
		return member_at(v, i, name);
	return value_of(json_object_array_get_idx(object_of(v), i));
}
