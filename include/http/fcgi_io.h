/*
 * The only door to libfcgi: accepts one connection, bounds every read and write, gives one request at a
 * time. A body or an answer that is too large to be held goes through in pieces. What it defends against is in
 * docs/threats.md: silent and slow peers (T85), truncated or oversized records (T84, T86), other roles (T87),
 * doubled or malformed parameters (T88, in request_parse), a body shorter or longer than CONTENT_LENGTH (T83), an
 * undrained body on a kept connection, half a request that holds a worker (T99).
 */
#ifndef TENANTD_HTTP_FCGI_IO_H
#define TENANTD_HTTP_FCGI_IO_H

#include "http/request.h"
#include "http/response.h"

struct fcgi; /* one worker's end of FastCGI */

enum fcgi_got {
	FCGI_GOT_REQUEST, /* *req is whole, body included, but for one that is to be streamed */
	FCGI_GOT_REFUSAL, /* *err says why; answer it with fcgi_answer, the connection is closed after */
	FCGI_GOT_NOTHING, /* the peer was dropped, nobody waits; or a signal or the time came: look around */
};

/* Who may connect and how long one read or write may take. */
struct fcgi_limits {
	size_t body; /* bytes, the most of any request */
	/* Asked when the header is read and before the body is: false with *err to refuse it unread; true with *streams
	 * set to leave it to whoever takes it, from req->stream. May be NULL. */
	bool (*admits)(
		const void *who, const struct request *req, size_t length, bool *streams, struct error *err);
	const void *who;
	int64_t peer_ms; /* one read or write */
	int64_t
		request_ms; /* from the first byte to the last of a request; the same from there to the answer's end */
	const unsigned *peer_uids; /* unix peers allowed; NULL: any that the socket's mode lets in */
	size_t peer_uid_count;
};

/* `listener` is a listening socket, non-blocking. Call after fork: it makes the worker's epoll
 * (EPOLLEXCLUSIVE, so that one worker wakes for one connection). SIGPIPE is ignored from then on; other
 * signals stay as they were. The limits are copied, the uids they point to are not. NULL when the process
 * has no descriptor left (errno). */
struct fcgi *fcgi_new(int listener, const struct fcgi_limits *limits);
void fcgi_free(struct fcgi *f);

/* Whether new connections are taken from now on, or left to other workers; those that are there are heard in any case. */
void fcgi_accept(struct fcgi *f, bool accepts);
/* Accepts no connection from now on. True while connections that are there already have not said their first
 * request, no longer than peer_ms, or not all of it: fcgi_next still hears them. (A web server that connected
 * believes to have a worker, and would lose its request.) */
bool fcgi_leave(struct fcgi *f);

/* Waits up to wait_ms (-1: as long as it likes, which is a quarter of a second) for a connection, or the next request on a kept one, and reads one
 * whole request into `a`. `sigmask` (a sigset_t, NULL: as it is) is in force while it waits and only then, as
 * in epoll_pwait: block all signals before. A request that was not answered is dropped by the next call.
 * A streamed body is read within the same time as one that is held. */
enum fcgi_got fcgi_next(struct fcgi *f, struct arena *a, int wait_ms, const void *sigmask,
	struct request *req, struct error *err);

/* Sends the response printed by response_print, ends the request, drains what the peer still sends within
 * bounds, closes or keeps the connection. False when the peer was gone. */
bool fcgi_answer(struct fcgi *f, struct str printed);

/* The same in parts: a sink (the first piece begins the answer, and what was put is on its way) … */
struct byte_sink fcgi_sink(struct fcgi *f);
/* … and the end. Not `whole`: the peer gets no end, so that a cut answer is not taken for a short one. */
bool fcgi_end(struct fcgi *f, bool whole);

#endif
