/*
 * The body of a write, checked against the columns of the resource. Unknown and read-only fields are refused by name,
 * and so are tenant_id and env (T38). Every value must fit the type of its column, and required fields must be present.
 */
#ifndef TENANTD_RESOURCE_INPUT_H
#define TENANTD_RESOURCE_INPUT_H

#include "resource/query.h"

enum { INPUT_ROWS = 1000 };

enum input_use {
	INPUT_CREATE, /* an object, or an array of at most INPUT_ROWS */
	INPUT_CHANGE, /* an object with the fields that change */
	INPUT_REPLACE /* an object with the whole row; the caller must check a key in it against the path */
};

struct input {
	struct str json; /* a JSON array of the rows */
	size_t row_count;
	bool is_array;
	bool *has; /* for each column of the catalog: it is to be written, since a row or columns= names it */
	size_t has_count;
	bool *lacks; /* for each column of the catalog: it is to be written, but some row does not have it */
	struct str key; /* the key of the row as text, when the body is one object; empty: it has none */
};

MUST_CHECK bool input_read(struct input *in, struct arena *a, const struct query *q, enum input_use use,
	struct str body, struct error *err);

#endif
