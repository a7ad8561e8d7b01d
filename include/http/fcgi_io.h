/*
 * The only file that uses libfcgi. It accepts connections, bounds every read and write, and gives the worker one
 * request at a time. A body or an answer that is too large for memory passes through in pieces. docs/threats.md
 * describes what it defends against: silent and slow peers (T85), truncated or oversized records (T84, T86),
 * other roles (T87), repeated or malformed parameters (T88, in request_parse), a body shorter or longer than
 * CONTENT_LENGTH (T83), an unread body on a kept connection, an incomplete request that occupies a worker (T99).
 */
#ifndef TENANTD_HTTP_FCGI_IO_H
#define TENANTD_HTTP_FCGI_IO_H

#include "http/request.h"
#include "http/response.h"

struct fcgi; /* one worker's end of FastCGI */

enum fcgi_got {
	FCGI_GOT_REQUEST, /* *req is complete; its body too, unless it is to be streamed */
	FCGI_GOT_REFUSAL, /* *err says why; answer it with fcgi_answer, which then closes the connection */
	FCGI_GOT_NOTHING, /* there is nothing to answer: a peer was dropped, a signal came or the time was over */
};

/* Who may connect and how long one read or write may take. */
struct fcgi_limits {
	size_t body; /* bytes, the most of any request */
	/* Called when the headers have been read and the body has not. It returns false with *err to refuse the
	 * request without reading the body. It returns true and sets *streams when the body should not be held in
	 * memory; the handler then reads it from req->stream. May be NULL. */
	bool (*admits)(
		const void *who, const struct request *req, size_t length, bool *streams, struct error *err);
	const void *who;
	int64_t peer_ms; /* the most that one read or write may take */
	/* The most from the first byte of a request to the last, and again from there to the end of the answer. */
	int64_t request_ms;
	const unsigned *peer_uids; /* users that may connect by unix socket; NULL: any that its mode lets in */
	size_t peer_uid_count;
};

/* Call after fork. `listener` is a non-blocking listening socket. It is put into an epoll of this worker with
 * EPOLLEXCLUSIVE, so that one worker wakes for one connection. SIGPIPE is ignored from then on; other signals stay as
 * they were. The limits are copied, but not the uids that they point to. NULL with errno when the process has no
 * descriptor left. */
struct fcgi *fcgi_new(int listener, const struct fcgi_limits *limits);
void fcgi_free(struct fcgi *f);

/* Says whether this worker takes new connections from now on or leaves them to other workers. Connections that
 * it already has are served in either case. */
void fcgi_accept(struct fcgi *f, bool accepts);
/* Accepts no new connection from now on. Returns true while a connection that was already accepted has not sent
 * its first request (it has peer_ms for that) or has sent only part of one: call fcgi_next until this is false.
 * A web server that has connected counts on this worker and would lose its request otherwise. */
bool fcgi_leave(struct fcgi *f);

/* Waits up to wait_ms for a new connection or for the next request on a kept one, and reads one whole request into
 * `a`. While new connections are accepted it never waits longer than a quarter of a second; -1 sets no bound beside
 * that. `sigmask` (a sigset_t; NULL leaves the mask unchanged) is in force only while it waits, as in epoll_pwait, so
 * block all signals before the call. The next call drops a request that was not answered. A streamed body must arrive
 * within the same time as one that is held in memory. */
enum fcgi_got fcgi_next(struct fcgi *f, struct arena *a, int wait_ms, const void *sigmask,
	struct request *req, struct error *err);

/* Reads and discards what the peer is still sending, within bounds, sends the response that response_print printed,
 * ends the request, and closes or keeps the connection. False when the peer was gone. */
bool fcgi_answer(struct fcgi *f, struct str printed);

/* The same in parts. The sink's first piece begins the answer, and a piece that was put cannot be taken back. */
struct byte_sink fcgi_sink(struct fcgi *f);
/* Ends an answer that went through the sink. When it is not `whole`, the connection is broken off instead, so that
 * the web server does not take an incomplete answer for a short one. */
bool fcgi_end(struct fcgi *f, bool whole);

#endif
