/*
 * A raw FastCGI client for tests: builds records, also malformed ones, byte by byte, sends them over a unix
 * socket and reads what comes back. It checks nothing of what it sends. A test that cannot go on (no memory,
 * no socket) ends the program.
 */
#ifndef TENANTD_TESTS_FCGI_CLIENT_H
#define TENANTD_TESTS_FCGI_CLIENT_H

#include "core/str.h"

enum {
	FCGI_BEGIN_REQUEST = 1,
	FCGI_ABORT_REQUEST = 2,
	FCGI_END_REQUEST = 3,
	FCGI_PARAMS = 4,
	FCGI_STDIN = 5,
	FCGI_STDOUT = 6,
	FCGI_STDERR = 7,
	FCGI_DATA = 8,
	FCGI_GET_VALUES = 9,
};
enum { FCGI_RESPONDER = 1, FCGI_AUTHORIZER = 2, FCGI_FILTER = 3, FCGI_KEEP_CONN = 1 };

/* Bytes to send, or bytes received. Begin with { 0 } and end with bytes_release. */
struct bytes {
	unsigned char *at;
	size_t len, room;
};

void bytes_add(struct bytes *b, const void *at, size_t len);
void bytes_release(struct bytes *b);

/* One record whose content is at most 65535 bytes. */
void record_add(struct bytes *b, int type, unsigned id, const void *content, size_t len, unsigned padding);
void record_begin(struct bytes *b, unsigned id, unsigned role, unsigned flags);
/* A whole stream: records of at most 32 KiB, then the empty one. */
void record_stream(struct bytes *b, int type, unsigned id, const void *content, size_t len);
/* One name-value pair as the content of PARAMS. */
void param_add(struct bytes *params, struct str name, struct str value);
/* The parameters that every request has; Content-Length unless `length` is NULL. */
void param_usual(struct bytes *params, const char *method, const char *uri, const char *length);
/* A whole request of id 1. */
void record_request(struct bytes *b, unsigned flags, const char *method, const char *uri, struct str body);

int fcgi_connect(const char *path);
/* False when the peer does not take it all within 5 s. */
bool fcgi_send(int fd, const struct bytes *b);

struct fcgi_reply {
	struct bytes out; /* STDOUT */
	struct bytes err; /* STDERR */
	bool ended; /* END_REQUEST came */
	bool closed; /* the peer closed */
	unsigned id, app_status, protocol_status; /* of END_REQUEST */
	int status; /* after "Status:", 0: none */
	size_t reads; /* recv calls that returned bytes: with SOCK_SEQPACKET, the peer's writes */
};

/* Reads until END_REQUEST, until the peer closes, or until timeout_ms pass without a byte. */
void fcgi_receive(int fd, int timeout_ms, struct fcgi_reply *reply);
void fcgi_reply_release(struct fcgi_reply *reply);
/* The body of the answer: what follows the blank line. */
struct str fcgi_reply_body(const struct fcgi_reply *reply);
/* The value of a header of the answer, "" when it is absent; the name as it was written. */
struct str fcgi_reply_header(const struct fcgi_reply *reply, const char *name);
/* True when the peer closes within timeout_ms. What it sends before that is discarded. */
bool fcgi_is_closed(int fd, int timeout_ms);

#endif
