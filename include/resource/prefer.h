/* The Prefer header (RFC 7240), as PostgREST's clients use it. A preference that is not known or does not apply to the
 * operation is ignored, and refused under handling=strict. */
#ifndef TENANTD_RESOURCE_PREFER_H
#define TENANTD_RESOURCE_PREFER_H

#include "core/arena.h"
#include "core/error.h"

enum prefer_return { RETURN_UNSAID, RETURN_MINIMAL, RETURN_HEADERS_ONLY, RETURN_REPRESENTATION };
enum prefer_resolution { RESOLUTION_NONE, RESOLUTION_MERGE, RESOLUTION_IGNORE };

/* Which preferences apply to an operation. */
enum {
	PREFERS_RETURN = 1,
	PREFERS_COUNT = 2,
	PREFERS_IGNORE = 4, /* resolution=ignore-duplicates: an existing row stays as it is */
	PREFERS_TX = 8,
	PREFERS_MISSING = 16,
	PREFERS_MOST = 32,
	PREFERS_MERGE = 64, /* resolution=merge-duplicates: an existing row is changed */
};

struct prefer {
	enum prefer_return returns;
	enum prefer_resolution resolution;
	bool is_strict; /* handling=strict */
	bool counts_exactly; /* count=exact; planned and estimated are treated and reported as exact too */
	bool is_rehearsal; /* tx=rollback */
	bool missing_default; /* missing=default */
	bool has_most; /* max-affected was given, under handling=strict */
	int64_t most;
	struct str applied; /* for Preference-Applied; empty: none */
};

/* `means` has the preferences that apply, PREFERS_…. ERR_INVALID_REQUEST only under handling=strict. */
MUST_CHECK bool prefer_parse(
	struct prefer *p, struct arena *a, struct str header, int means, struct error *err);

#endif
