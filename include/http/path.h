/*
 * The one strict decoder of the request target. Web servers differ in what they normalise; tenantd routes
 * on the raw REQUEST_URI and refuses everything that two servers could read in two ways.
 */
#ifndef TENANTD_HTTP_PATH_H
#define TENANTD_HTTP_PATH_H

#include "core/arena.h"
#include "core/error.h"
#include "core/limits.h"

struct query_pair {
	struct str name;
	struct str value;
};

struct path {
	struct str raw; /* the path as received, without the query */
	struct str segments[LIMIT_PATH_SEGMENTS]; /* percent-decoded, never empty */
	size_t segment_count;
	struct str query_raw;
	struct query_pair query[LIMIT_QUERY_PAIRS]; /* decoded; '+' is a space; in the order received */
	size_t query_count;
};

/*
 * Takes an origin-form target ("/a/b?c=d"), or an absolute-form one whose scheme is http or https (its
 * authority goes to *authority, else that is empty). Refuses with 400: an empty or relative target, a
 * fragment, a malformed percent escape, an escape of NUL, '/', '\', '.', '%' or a control character in
 * the path, a raw control, space, '\' or byte above 0x7e, ';' in the path, ill-formed UTF-8 after
 * decoding, too many segments or pairs, a target above LIMIT_URI; in the query a raw control or space, an escape of
 * NUL, a nameless pair. Empty segments ("//", a trailing '/')
 * and "." or ".." segments are 404: there is no such resource.
 */
MUST_CHECK bool path_parse(
	struct path *p, struct arena *a, struct str target, struct str *authority, struct error *err);

/* True when path_parse would give this text back as a segment, percent-encoded but for its dots. */
bool path_can_name(struct str segment);

#endif
