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
	struct str raw; /* the path as it was received, without the query */
	struct str segments[LIMIT_PATH_SEGMENTS]; /* percent-decoded, never empty */
	size_t segment_count;
	struct str query_raw;
	struct query_pair query[LIMIT_QUERY_PAIRS]; /* decoded; '+' is a space; in the order received */
	size_t query_count;
};

/*
 * Takes an origin-form target ("/a/b?c=d"), or an absolute-form one whose scheme is http or https. *authority is the
 * authority of the latter and empty for the former. Refuses with 400:
 *   in the target   an empty or relative one, one longer than LIMIT_URI, a fragment ('#'), a malformed percent
 *                   escape, an escape of NUL, ill-formed UTF-8 after decoding
 *   in the path     an escape of '/', '\', '.', '%' or a control character; an unescaped control character, space,
 *                   '\', ';' or byte above 0x7e; more than LIMIT_PATH_SEGMENTS segments
 *   in the query    an unescaped control character or space, a pair without a name, more than LIMIT_QUERY_PAIRS pairs
 * Refuses with 404, as there is no such resource: an empty segment ("//", a trailing '/'), a "." or ".." segment.
 */
MUST_CHECK bool path_parse(
	struct path *p, struct arena *a, struct str target, struct str *authority, struct error *err);

/* True when this text can be one segment of a path: path_parse returns it unchanged when everything in it but the
 * dots is percent-encoded. */
bool path_can_name(struct str segment);

#endif
