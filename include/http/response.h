/* The answer while it is being made: status, a few headers, one body. Nothing is sent before dispatch has finished,
 * so a late failure can still be answered with a proper error. The exception is a body that is too large to be held
 * in memory: it is sent piece by piece, and a late failure makes the answer end too early. */
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
	/* A literal, or text in the arena, without control characters. NULL when the body is empty. */
	const char *content_type;
	struct str body; /* lives at least as long as the arena */
	bool is_head; /* the answer to HEAD: the body is not sent, but Content-Length tells its length */
	struct byte_sink peer; /* receives a streamed body */
	bool has_begun; /* a streamed answer has begun: status, headers and body above have no effect any more */
	size_t left, sent; /* bytes of the streamed body */
};

void response_init(struct response *r, struct arena *a);
/* Forgets status, headers, content type and body. A late failure calls it before it sets the error. */
void response_reset(struct response *r);
/* Adds a header; the value is copied. A value with CR, LF, NUL or another control character is a BUG: the caller must
 * encode what comes from outside. */
void response_header(struct response *r, const char *name, struct str value);
/* True when a header of this name (in any case) was added. */
bool response_has(const struct response *r, const char *name);
/* Sets the status and a JSON body, which is not copied. */
void response_json(struct response *r, int status, struct str body);
/* Sets the status and no body, for example for 204. */
void response_empty(struct response *r, int status);
/* Writes the CGI response (RFC 3875: Status, headers, blank line, body) into one buffer for a single
 * write. Adds Content-Length (not to 204 and 304, RFC 9110 section 8.6), Cache-Control: no-store unless set,
 * X-Content-Type-Options: nosniff. A body above LIMIT_RESPONSE becomes a bare 500. */
struct str response_print(struct response *r);

/* Sends status and headers for a body of `length` bytes, which response_put then sends. False when the peer is gone. */
MUST_CHECK bool response_begin(struct response *r, size_t length, struct error *err);
/* Sends the next bytes of the body. More bytes than `length` are a BUG; with fewer the answer is broken off. */
MUST_CHECK bool response_put(struct response *r, struct str bytes, struct error *err);

#endif
