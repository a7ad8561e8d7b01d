/*
 * The body of a write, held to the resource's columns: unknown and read-only fields are refused by name, and so
 * are tenant_id and env (T38); every value fits its column's type, required ones are there.
 */
#ifndef TENANTD_RESOURCE_INPUT_H
#define TENANTD_RESOURCE_INPUT_H

#include "resource/query.h"

enum { INPUT_ROWS = 1000 };

enum input_use {
	INPUT_CREATE, /* an object, or an array of at most INPUT_ROWS */
	INPUT_CHANGE, /* an object of what changes */
	INPUT_REPLACE /* an object: the whole row; its key may be in it and must be the path's */
};

struct input {
	struct str json; /* a JSON array of the rows */
	size_t row_count;
	bool is_array;
	bool *has; /* by the catalog's index: some row says it, and it is to be written */
	size_t has_count;
	bool *lacks; /* by the catalog's index: it is to be written, and some row does not say it */
	struct str key; /* of the only row, as text; empty when it names none */
};

MUST_CHECK bool input_read(struct input *in, struct arena *a, const struct query *q, enum input_use use,
	struct str body, struct error *err);

#endif
