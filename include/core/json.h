/*
 * The only door to json-c. In front of it stands a strict acceptance of RFC 8259 (and RFC 7493's unique
 * names), because json-c takes duplicate keys, bytes after the document, single quotes, NaN, raw control
 * characters and overlong UTF-8. Getters check types and never coerce.
 */
#ifndef TENANTD_CORE_JSON_H
#define TENANTD_CORE_JSON_H

#include "core/arena.h"
#include "core/error.h"

/* jansson, under libjwt, exports a json_string too: another name at the linker keeps the two apart. */
#define json_string core_json_string

/* One value of a parsed document; lives in the arena that json_parse was given. NULL is "absent". */
struct json;

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* True when `text` is one well-formed JSON document of at most LIMIT_JSON_DEPTH nested levels, in
 * UTF-8 without BOM, unique names in each object (after unescaping), no lone surrogate and no \u0000. On
 * false *why is a static phrase for the caller. Numbers are checked for grammar only. */
MUST_CHECK bool json_accept(struct str text, const char **why);

/* json_accept, then parsed. NULL and ERR_INVALID_REQUEST in `err` when refused. */
const struct json *json_parse(struct arena *a, struct str text, struct error *err);

/* JSON_NULL for NULL too: ask the pointer whether a member is absent. */
enum json_kind json_kind(const struct json *v);
/* The member `name` of an object; NULL when v is no object or has no such member. */
const struct json *json_get(const struct json *v, struct str name);
/* The value at a dotted path of names ("app_metadata.tenant_id"); NULL when a step is missing. */
const struct json *json_path(const struct json *v, struct str path);
/* Each returns false when v is NULL or of another kind (a number with a fraction, an exponent or beyond
 * int64 is not an integer). The str points into the document's arena. */
MUST_CHECK bool json_string(const struct json *v, struct str *out);
MUST_CHECK bool json_int64(const struct json *v, int64_t *out);
/* Any number as the nearest double; false for one that is beyond them. */
MUST_CHECK bool json_double(const struct json *v, double *out);
/* Any number as it was written (an integer beyond int64 perhaps with an exponent of 0 more). */
MUST_CHECK bool json_number(const struct json *v, struct str *out);
MUST_CHECK bool json_bool(const struct json *v, bool *out);
/* Members of an object in the order of the document, elements of an array. */
size_t json_count(const struct json *v);
/* The i-th member of an object (*name set) or element of an array (*name empty; may be NULL). */
const struct json *json_at(const struct json *v, size_t i, struct str *name);

#endif
