/* What json.c needs to know from json_accept beside its verdict. Private to the core room. */
#ifndef TENANTD_CORE_JSON_ACCEPT_H
#define TENANTD_CORE_JSON_ACCEPT_H

#include "core/str.h"

/* The weight of a document: of each value what is here, and the bytes that its strings and names have when they
 * are read. A tree that was made of the text has the same weight, unless a part of it was lost. */
enum { JSON_WEIGHT_NULL = 1, JSON_WEIGHT_VALUE = 2 };

struct json_notes {
	bool has_wide; /* some number has so many digits that int64 may not hold it */
	size_t weight;
};

/* The same as json_accept, with what it noticed. */
MUST_CHECK bool json_accept_noting(struct str text, const char **why, struct json_notes *notes);

#endif
