/* The answer being made: status, a few headers, one body. Nothing is sent before dispatch is done with
 * it, so a late failure can still become a clean problem; but for a body that is too large to be held, whose
 * late failure is an answer that ends too early. */
#ifndef TENANTD_HTTP_RESPONSE_H
#define TENANTD_HTTP_RESPONSE_H

#include "core/arena.h"
#include "core/limits.h"
#include "core/stream.h"

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
	bool is_head; /* to HEAD: the body is not sent, but its length is said */
	struct byte_sink peer; /* where a body that is streamed goes */
	bool has_begun; /* it is on its way: status, headers and body above count no more */
	size_t left, sent; /* bytes of it */
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
struct str response_print(struct response *r);

/* Sends the head, for a body of `length` bytes that response_put is to send. False when the peer is gone. */
MUST_CHECK bool response_begin(struct response *r, size_t length, struct error *err);
/* The next bytes of it. More than were said are a BUG; fewer make the answer end as a cut one. */
MUST_CHECK bool response_put(struct response *r, struct str bytes, struct error *err);

#endif
