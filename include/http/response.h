/* The answer being made: status, a few headers, one body. Nothing is sent before dispatch is done with
 * it, so a late failure can still become a clean problem. */
#ifndef TENANTD_HTTP_RESPONSE_H
#define TENANTD_HTTP_RESPONSE_H

#include "core/arena.h"
#include "core/limits.h"

struct response_header {
	const char *name; /* a literal */
	struct str value;
};

struct response {
	struct arena *arena;
	int status;
	struct response_header headers[LIMIT_RESPONSE_HEADERS];
	size_t header_count;
	const char
		*content_type; /* a literal, or in the arena, without control characters; NULL with an empty body */
	struct str body; /* lives in the arena, or as long as it */
};

void response_init(struct response *r, struct arena *a);
/* Forgets everything said so far but the arena: what a late failure does first. */
void response_reset(struct response *r);
/* Adds a header; the value is copied. A value with CR, LF, NUL or another control character is a BUG: what
 * comes from outside is encoded before it gets here. */
void response_header(struct response *r, const char *name, struct str value);
/* True when a header of this name (in any case) was added. */
bool response_has(const struct response *r, const char *name);
/* status and a JSON body (passed through, not copied). */
void response_json(struct response *r, int status, struct str body);
/* A body-less answer, e.g. 204. */
void response_empty(struct response *r, int status);
/* Writes the CGI response (RFC 3875: Status, headers, blank line, body) into one buffer for a single
 * write. Adds Content-Length (not to 204 and 304, RFC 9110 section 8.6), Cache-Control: no-store unless set,
 * X-Content-Type-Options: nosniff. A body above LIMIT_RESPONSE becomes a bare 500. */
struct str response_print(struct response *r, bool without_body);

#endif
