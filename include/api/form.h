/*
 * Forms: what a query or a body may hold, and what an answer holds, as tables of fields. One table drives three things:
 * the reading of a request (form_query, form_body), the schemas of the OpenAPI document, and the list of parameters
 * that a route's verb gets. Whatever a form does not name is refused, and every refused field is named at once.
 */
#ifndef TENANTD_API_FORM_H
#define TENANTD_API_FORM_H

#include "core/error.h"
#include "core/json.h"
#include "http/path.h"

struct field;

/* A kind of value. One with a `name` is a schema of the OpenAPI document; any other is spelled out where it is used. */
struct type {
	const char *name;
	const char *purpose; /* one line about it, for a schema that has fields */
	enum json_kind kind; /* JSON_NULL: any JSON value */
	const char *json; /* what else JSON Schema says of it, as members: "\"format\":\"uuid\""; may be NULL */
	const char *const *words; /* a text's only values, ends with NULL; NULL: any text */
	const char *const *kept; /* what each of these words is kept as; NULL: as itself */
	int64_t least, most; /* an integer's bounds, or the number of an array's elements; both 0: no bounds */
	const struct type *items; /* of an array */
	const struct field *fields; /* of an object */
	/* A text's own rule; adds a refused field and answers false. NULL: no rule. */
	bool (*check)(struct str field, struct str value, struct error *err);
};

/* The array of a type, where a type is wanted. */
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

/* A value of a query as it was given, or as its word is kept. */
struct given {
	bool is_given;
	struct str text; /* empty when it was not given */
};

/* Reads the query's pairs into given[i], one for each field of the form (NULL: a form without fields). False: each
 * parameter that is unknown, missing, given twice or not of its type stands in *err. */
MUST_CHECK bool form_query(
	const struct field *form, const struct path *path, struct given given[FORM_QUERY], struct error *err);

/* Reads a body, whose type is an object's, and prints what was accepted into *checked: the same object with its texts
 * trimmed and its words as they are kept, so that whoever gets it need not look again. `is_change` demands at least
 * one field; a body that demands none may be absent otherwise. False: each refused field stands in *err. */
MUST_CHECK bool form_body(struct arena *a, const struct type *type, struct str body, bool is_change,
	struct str *checked, struct error *err);

/* True when a request without a body cannot fit the form. */
bool form_demands_body(const struct type *type);

#endif
