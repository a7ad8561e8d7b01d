/*
 * A form is a table of fields that says what a query or a body may hold, or what an answer holds. The same
 * table is used for reading a request (form_query, form_body), for the schemas of the OpenAPI document, and
 * for the list of values that a route's verb gets. A field that the form does not name is refused, and all
 * refused fields are named in one answer.
 */
#ifndef TENANTD_API_FORM_H
#define TENANTD_API_FORM_H

#include "core/error.h"
#include "core/json.h"
#include "http/path.h"

struct field;

/* A kind of value. One with a `name` is a schema of the OpenAPI document; any other is spelled out where
 * it is used. */
struct type {
	const char *name;
	const char *purpose; /* one line about it, for a schema that has fields */
	enum json_kind kind; /* JSON_NULL: any JSON value */
	const char *json; /* further members of its JSON Schema: "\"format\":\"uuid\""; may be NULL */
	const char *const *words; /* the only values of a text, ends with NULL; NULL: any text */
	const char *const *kept; /* what each of these words is replaced with; NULL: they stay as they are */
	int64_t least, most; /* an integer's bounds, or the number of an array's elements; both 0: no bounds */
	const struct type *items; /* of an array */
	const struct field *fields; /* of an object */
	bool is_exact; /* a text is taken as it is, with the spaces around it */
	/* A further check of a text, which adds a refused field and returns false. NULL: there is none. */
	bool (*check)(struct str field, struct str value, struct error *err);
};

/* The type of an array with elements of this type. */
#define ARRAY_OF(element) (&(const struct type){ .kind = JSON_ARRAY, .items = &(element) })

enum { REQUIRED = 1, NULLABLE = 2 };

/* A table of fields ends with FIELDS_END. In an answer REQUIRED says that the field is always there. */
struct field {
	const char *name;
	const struct type *type;
	int flags;
};
#define FIELDS_END                                                                                           \
	{                                                                                                        \
		NULL, NULL, 0                                                                                        \
	}

enum { FORM_QUERY = 12 }; /* fields of a query at most */

/* A value of a query as it was given, or what its word is replaced with. */
struct given {
	bool is_given;
	struct str text; /* empty when it was not given */
};

/* Reads the query's pairs into given[i], one for each field of the form (NULL: a form without fields).
 * False: *err names each parameter that is unknown, missing, given twice or not of its type. */
MUST_CHECK bool form_query(
	const struct field *form, const struct path *path, struct given given[FORM_QUERY], struct error *err);

/* Reads a body, which must be an object of this type, and prints what was accepted into *checked: the same
 * object with its texts trimmed and its words replaced. Nobody needs to check that again. `is_change`
 * demands at least one field; otherwise the body may be absent when no field is required. False: *err
 * names each refused field. */
MUST_CHECK bool form_body(struct arena *a, const struct type *type, struct str body, bool is_change,
	struct str *checked, struct error *err);

/* True when the form requires a field, so that there must be a body. */
bool form_demands_body(const struct type *type);

#endif
