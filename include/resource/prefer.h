/* The Prefer header (RFC 7240), as PostgREST's clients use it. What is not known is ignored, unless the caller says
 * handling=strict. */
#ifndef TENANTD_RESOURCE_PREFER_H
#define TENANTD_RESOURCE_PREFER_H

#include "core/arena.h"
#include "core/error.h"

enum prefer_return { RETURN_UNSAID, RETURN_MINIMAL, RETURN_HEADERS_ONLY, RETURN_REPRESENTATION };
enum prefer_resolution { RESOLUTION_NONE, RESOLUTION_MERGE, RESOLUTION_IGNORE };

/* Which preferences mean something to an operation. */
enum { PREFERS_RETURN = 1, PREFERS_COUNT = 2, PREFERS_RESOLUTION = 4, PREFERS_TX = 8, PREFERS_MISSING = 16 };

struct prefer {
	enum prefer_return returns;
	enum prefer_resolution resolution;
	bool counts_exactly;
	bool is_rehearsal; /* tx=rollback */
	bool missing_default; /* missing=default */
	struct str applied; /* for Preference-Applied; empty: none */
};

/* `means` says which of them apply here. ERR_INVALID_REQUEST under handling=strict alone. */
MUST_CHECK bool prefer_parse(
	struct prefer *p, struct arena *a, struct str header, int means, struct error *err);

#endif
