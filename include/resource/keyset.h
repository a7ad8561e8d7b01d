/*
 * Pages by key set: the order of a list ends with the key, a page ends with a row, and the next page begins behind
 * it. The keys of that row travel in the cursor that repo/page.h seals.
 */
#ifndef TENANTD_RESOURCE_KEYSET_H
#define TENANTD_RESOURCE_KEYSET_H

#include "resource/query.h"

struct keyset {
	size_t position; /* rows before this page */
	struct value values[QUERY_ORDER + 1];
	size_t count;
};

/* To and from the text in a cursor. Packing answers false when the keys are too long for one, unpacking when
 * they do not fit the query (it was registered anew since). */
MUST_CHECK bool keyset_pack(const struct keyset *k, struct arena *a, struct str *text);
MUST_CHECK bool keyset_unpack(struct keyset *k, const struct query *q, struct str text);

#endif
