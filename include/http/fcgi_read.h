/*
 * Reads one FastCGI request (protocol version 1) off a socket, with a bound on every length and on the time
 * of every read and of all of them. fcgi_io uses it in front of libfcgi; it knows nothing of connections.
 *
 * Why libfcgi does not read: it waits for ever, or for ever anew with a byte per SO_RCVTIMEO (T85); it takes
 * megabytes of parameters and cuts them at a NUL (T88); it hides a body cut short (T83) and a record that
 * does not belong; and a peer's FCGI_GET_VALUES that repeats a name writes behind its 64-byte buffer. None of
 * a peer's bytes reach that code.
 */
#ifndef TENANTD_HTTP_FCGI_READ_H
#define TENANTD_HTTP_FCGI_READ_H

#include "core/buf.h"
#include "http/request.h"

enum {
	FCGI_READ_BUFFER = 32 * 1024, /* bytes taken by one recv at most */
	FCGI_DRAIN = 64 * 1024 * 1024, /* bytes of a refused body read so that the refusal arrives */
	FCGI_PARAMS_DRAIN = 16 * LIMIT_PARAMS, /* the same of parameters */
};

enum fcgi_role { FCGI_ROLE_RESPONDER = 1, FCGI_ROLE_AUTHORIZER = 2, FCGI_ROLE_FILTER = 3 };

struct fcgi_reader {
	int fd;
	int64_t peer_ms; /* one read */
	int64_t deadline_us; /* all of them, clock_mono_us */
	int64_t
		hold_until_us; /* from then on nobody waits for the peer; INT64_MAX: as long as the times above allow */
	int64_t heard_us; /* when the last bytes came */
	bool timed_out;
	bool
		is_starved; /* what was called returned for hold_until_us: call it again when there is more to read */
	bool stdin_ended;
	size_t body_left; /* of STDIN, bytes still to come */
	size_t at, len; /* what of `in` is not yet taken: [at, len) */
	size_t touched; /* bytes of `in` to wipe */
	unsigned type; /* of the record in hand */
	unsigned id;
	size_t content, padding; /* of the record in hand, bytes still to come */
	bool is_ending; /* it is a stream's last, and only padding is left */
	enum { FCGI_BEGINS, FCGI_HAS_RECORD, FCGI_HAS_BEGUN, FCGI_HAS_HEAD } stage;
	size_t taken; /* bytes of what is read to `fixed` */
	unsigned char fixed[8]; /* a record's header, or BEGIN's content */
	struct buf params; /* gathered so far */
	size_t params_len; /* the same with what there was no room for */
	unsigned char *in; /* FCGI_READ_BUFFER bytes, the caller's */
};

/* What stands before the body. */
struct fcgi_head {
	unsigned id;
	unsigned role;
	bool keep; /* FCGI_KEEP_CONN */
	struct str params; /* in the arena; not yet taken apart */
	bool params_too_large; /* above LIMIT_PARAMS: `params` is worth nothing, answer 431 */
};

enum fcgi_read {
	FCGI_READ_WHOLE,
	FCGI_READ_STARVED, /* of what could be had nothing is lost: call again */
	FCGI_READ_REFUSED, /* err says what to answer */
	FCGI_READ_DROPPED, /* there is nobody to answer; err->operator says why */
};

/* Begins a request, r->in set: takes what has arrived, without waiting. True when some bytes did; false with *closed
 * saying whether the peer is gone or only silent. */
MUST_CHECK bool fcgi_read_start(
	struct fcgi_reader *r, int fd, int64_t peer_ms, int64_t request_ms, bool *closed);
/* BEGIN and all of PARAMS. False: dropped, or r->is_starved. A role other than RESPONDER returns at once, its parameters
 * unread. */
MUST_CHECK bool fcgi_read_head(
	struct fcgi_reader *r, struct arena *a, struct fcgi_head *head, struct error *err);
/* Takes the parameters apart; the pairs point into `params`. A pair that is longer than what is there is
 * dropped (T84), more than REQUEST_PARAMS of them refused. */
enum fcgi_read fcgi_read_params(
	struct str params, struct arena *a, struct param **out, size_t *count, struct error *err);
/* The next bytes of STDIN, which must be exactly `body_left` in all (T83): as many as there is room for, or all that
 * is left; with the last of them its end is read and checked. *got says how many, even of those that were not enough. */
enum fcgi_read fcgi_read_body(struct fcgi_reader *r, const struct fcgi_head *head, char *into, size_t room,
	size_t *got, struct error *err);
/* When the time for the next bytes is over, clock_mono_us. */
int64_t fcgi_read_expires(const struct fcgi_reader *r);
/* Reads the rest of a refused request away, FCGI_DRAIN bytes at most and within the deadline, because a
 * web server that is still sending does not hear the answer. */
void fcgi_read_drain(struct fcgi_reader *r, const struct fcgi_head *head);
/* True when nothing came after the end of the request: the connection may carry another one. */
bool fcgi_read_is_clean(const struct fcgi_reader *r);
/* Overwrites what was read (T91). */
void fcgi_read_wipe(struct fcgi_reader *r);

#endif
