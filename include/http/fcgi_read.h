/*
 * Reads one FastCGI request (protocol version 1) from a socket, with a bound on every length, on the time of each
 * read and on the time of all reads together. fcgi_io uses it instead of libfcgi's reader; it does not manage
 * connections.
 *
 * libfcgi does not read from peers for these reasons. It waits without a limit, or can be kept waiting by one byte
 * per SO_RCVTIMEO (T85). It accepts megabytes of parameters and cuts them at a NUL (T88). It hides that a body was
 * cut short (T83) or that a record does not belong to the request. And a peer's FCGI_GET_VALUES that repeats a name
 * makes it write past the end of its 64-byte buffer. None of a peer's bytes reach that code.
 */
#ifndef TENANTD_HTTP_FCGI_READ_H
#define TENANTD_HTTP_FCGI_READ_H

#include "core/buf.h"
#include "http/request.h"

enum {
	FCGI_READ_BUFFER = 32 * 1024, /* the most bytes that one recv takes */
	FCGI_DRAIN = 64 * 1024 * 1024, /* the most bytes of a refused body that are read and discarded */
	FCGI_PARAMS_DRAIN = 16 * LIMIT_PARAMS, /* the most bytes of parameters that are read, kept or not */
};

enum fcgi_role { FCGI_ROLE_RESPONDER = 1, FCGI_ROLE_AUTHORIZER = 2, FCGI_ROLE_FILTER = 3 };

struct fcgi_reader {
	int fd;
	int64_t peer_ms; /* the time for one read */
	int64_t deadline_us; /* when all reads must be done, by clock_mono_us */
	/* When a function stops waiting for the peer and returns with is_starved; INT64_MAX: only the two times above
	 * bound the wait. */
	int64_t hold_until_us;
	int64_t heard_us; /* when the last bytes came */
	bool timed_out;
	bool is_starved; /* the last function stopped at hold_until_us: call it again later */
	bool stdin_ended;
	size_t body_left; /* bytes of STDIN still to come */
	size_t at, len; /* the bytes [at, len) of `in` have not been taken yet */
	size_t touched; /* bytes of `in` to wipe */
	unsigned type; /* of the current record */
	unsigned id;
	size_t content, padding; /* bytes of the current record still to come */
	bool is_ending; /* the record is the last of its stream, and only padding is left */
	enum { FCGI_BEGINS, FCGI_HAS_RECORD, FCGI_HAS_BEGUN, FCGI_HAS_HEAD } stage;
	size_t taken; /* how many bytes of `fixed` have been read */
	unsigned char fixed[8]; /* a record's header, or the content of BEGIN */
	struct buf params; /* gathered so far */
	size_t params_len; /* bytes of all parameters, including those for which `params` had no room */
	unsigned char *in; /* FCGI_READ_BUFFER bytes that the caller provides */
};

/* What comes before the body. */
struct fcgi_head {
	unsigned id;
	unsigned role;
	bool keep; /* FCGI_KEEP_CONN */
	struct str params; /* in the arena; fcgi_read_params splits them */
	bool params_too_large; /* above LIMIT_PARAMS: `params` is incomplete, answer 431 */
};

enum fcgi_read {
	FCGI_READ_WHOLE,
	FCGI_READ_STARVED, /* the rest has not arrived; what has is kept: call again later */
	FCGI_READ_REFUSED, /* err says what to answer */
	FCGI_READ_DROPPED, /* the connection cannot be answered; err->operator says why */
};

/* Begins a request: takes what has arrived, without waiting. r->in must be set. True when some bytes had arrived;
 * false otherwise, and *closed tells whether the peer is gone or only silent. */
MUST_CHECK bool fcgi_read_start(
	struct fcgi_reader *r, int fd, int64_t peer_ms, int64_t request_ms, bool *closed);
/* Reads BEGIN and all of PARAMS. False when the request is dropped or r->is_starved. For a role other than RESPONDER
 * it returns true at once and leaves the parameters unread. */
MUST_CHECK bool fcgi_read_head(
	struct fcgi_reader *r, struct arena *a, struct fcgi_head *head, struct error *err);
/* Splits the parameters into pairs that point into `params`. The request is dropped when a pair is longer than what
 * is there (T84), and refused when there are more than REQUEST_PARAMS pairs. */
enum fcgi_read fcgi_read_params(
	struct str params, struct arena *a, struct param **out, size_t *count, struct error *err);
/* Reads the next bytes of STDIN, as many as there is room for or are left. STDIN must hold exactly `body_left` bytes
 * (T83); its end is read and checked together with the last of them. *got is how many bytes were read, also when the
 * result is not FCGI_READ_WHOLE. */
enum fcgi_read fcgi_read_body(struct fcgi_reader *r, const struct fcgi_head *head, char *into, size_t room,
	size_t *got, struct error *err);
/* When the time for the next bytes is over, by clock_mono_us. */
int64_t fcgi_read_expires(const struct fcgi_reader *r);
/* Reads and discards the rest of a request, FCGI_DRAIN bytes at most and within the deadline. A web server that is
 * still sending the body does not read the answer. */
void fcgi_read_drain(struct fcgi_reader *r, const struct fcgi_head *head);
/* True when nothing came after the end of the request, so that the connection may carry another one. */
bool fcgi_read_is_clean(const struct fcgi_reader *r);
/* Overwrites what was read (T91). */
void fcgi_read_wipe(struct fcgi_reader *r);

#endif
