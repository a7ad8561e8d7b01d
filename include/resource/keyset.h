/*
 * Pages by key set. The order of a list ends with the key, so it is unambiguous, and the next page begins after the last
 * row of the page before. The cursor, which repo/page.h seals, contains the order's columns of that row.
 */
#ifndef TENANTD_RESOURCE_KEYSET_H
#define TENANTD_RESOURCE_KEYSET_H

#include "resource/query.h"

struct keyset {
	size_t position; /* rows before this page */
	struct value values[QUERY_ORDER + 1];
	size_t count;
};

/* To and from the text in a cursor. Packing returns false when the keys are too long for a cursor. Unpacking returns
 * false when they do not fit the query, because the resource was registered again in the meantime. */
MUST_CHECK bool keyset_pack(const struct keyset *k, struct arena *a, struct str *text);
MUST_CHECK bool keyset_unpack(struct keyset *k, const struct query *q, struct str text);

#endif
