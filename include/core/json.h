/*
 * Reads JSON. Only this file uses json-c. A text is first checked strictly against RFC 8259 (and the unique
 * names of RFC 7493), because json-c accepts duplicate keys, bytes after the document, single quotes, NaN,
 * raw control characters and overlong UTF-8. The getters check types and never convert between them.
 */
#ifndef TENANTD_CORE_JSON_H
#define TENANTD_CORE_JSON_H

#include "core/arena.h"
#include "core/error.h"

/* jansson, which libjwt uses, exports a json_string too. Ours has another name for the linker, so that the
 * two do not clash. */
#define json_string core_json_string

/* One value of a parsed document; lives in the arena that json_parse was given. NULL is "absent". */
struct json;

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* True when `text` is one well-formed JSON document: in UTF-8 without BOM, with at most LIMIT_JSON_DEPTH
 * nested levels, unique names in each object (after unescaping), no lone surrogate and no \u0000. When it
 * returns false, *why is a static phrase for the caller. Numbers are checked for grammar only. */
MUST_CHECK bool json_accept(struct str text, const char **why);

/* The line, counted from 1, on which json_accept found the fault; 0 when there is none. For long files. */
size_t json_fault_line(struct str text);

/* Parses what json_accept accepts. Anything else: NULL, and ERR_INVALID_REQUEST in `err`. */
const struct json *json_parse(struct arena *a, struct str text, struct error *err);

/* NULL is answered with JSON_NULL too: compare the pointer to learn whether a member is absent. */
enum json_kind json_kind(const struct json *v);
/* The member `name` of an object; NULL when v is no object or has no such member. */
const struct json *json_get(const struct json *v, struct str name);
/* The value at a dotted path of names ("app_metadata.tenant_id"); NULL when a step is missing. */
const struct json *json_path(const struct json *v, struct str path);
/* Each returns false when v is NULL or of another kind (a number with a fraction, an exponent or beyond
 * int64 is not an integer). The str points into the document's arena. */
MUST_CHECK bool json_string(const struct json *v, struct str *out);
MUST_CHECK bool json_int64(const struct json *v, int64_t *out);
/* Any number as the nearest double; false when it is too large for one. */
MUST_CHECK bool json_double(const struct json *v, double *out);
/* Any number as it was written, except that "e0" may follow an integer that int64 does not hold. */
MUST_CHECK bool json_number(const struct json *v, struct str *out);
MUST_CHECK bool json_bool(const struct json *v, bool *out);
/* Members of an object in the order of the document, elements of an array. */
size_t json_count(const struct json *v);
/* The i-th member of an object (*name set) or element of an array (*name empty; may be NULL). */
const struct json *json_at(const struct json *v, size_t i, struct str *name);

#endif
