/*
 * One worker's end of FastCGI. It waits, accepts, reads one bounded request (the body too, unless that is to be
 * streamed), answers it, and keeps or closes the connection.
 *
 * libfcgi only writes: it frames the answer and ends the request. It never accepts, because its accept has no
 * deadline and takes a lock of its own, and it never reads from a peer (http/fcgi_read.h says why). But it writes
 * only after it has read a request. So FCGX_Accept_r is given, in ipcFd, a memory file that holds one fixed and empty
 * request, with keepConnection set so that it reads from there instead of accepting. After that, ipcFd and requestId
 * are set to those of the real peer.
 */
#include "http/fcgi_io.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "half.h"
#include "peers.h"

#include <errno.h>
#include <fcgiapp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	KEEP_MS = 60 * 1000, /* how long a kept connection may be idle */
	HOLD_MS = 50, /* how long a worker waits for the rest of a request before it puts the request aside */
	WRITE_CHUNK = 8 * 1024, /* bytes between two looks at the clock; libfcgi writes as much at once */
	SMALL_ANSWER = 3 * 1024, /* bytes that any empty unix socket takes without waiting */
};

struct fcgi {
	struct peers peers;
	int empty_request; /* the memory file that libfcgi reads */
	struct fcgi_limits limits;
	bool is_refusal;
	bool is_answering; /* libfcgi has been made ready to write to the peer */
	bool may_wait; /* the socket may not take the whole answer at once */
	int64_t answer_deadline_us;
	unsigned char *answer_buffer; /* libfcgi's */
	struct fcgi_head head;
	struct half_body body; /* what has been read of it */
	struct half *half; /* owns head and body when the current request had been put aside; else NULL */
	struct arena *arena; /* of the current request */
	char *piece; /* the buffer for pieces of its streamed body */
	struct byte_source stream;
	FCGX_Request fcgx;
	struct fcgi_reader reader;
	unsigned char in[FCGI_READ_BUFFER]; /* the reader's */
};

/* BEGIN_REQUEST (id 1, RESPONDER, KEEP_CONN) and the empty PARAMS. */
static const unsigned char EMPTY_REQUEST[] = {
	1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, /* begin */
	1, 4, 0, 1, 0, 0, 0, 0, /* end of params */
};

/* FCGX_Init installs handlers for SIGPIPE, SIGUSR1 and SIGTERM. The pool needs the last two, so they are restored. */
static void init_libfcgi(void)
{
	struct sigaction usr1, term, ignore = { .sa_handler = SIG_IGN };
	sigaction(SIGUSR1, NULL, &usr1);
	sigaction(SIGTERM, NULL, &term);
	if (FCGX_Init() != 0)
		out_of_memory();
	sigaction(SIGUSR1, &usr1, NULL);
	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static int empty_request_file(void)
{
	int fd = memfd_create("tenantd-fcgi", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, EMPTY_REQUEST, sizeof(EMPTY_REQUEST)) == sizeof(EMPTY_REQUEST))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

struct fcgi *fcgi_new(int listener, const struct fcgi_limits *limits)
{
	struct fcgi *f = calloc(1, sizeof(*f));
	if (!f)
		out_of_memory();
	f->reader.in = f->in;
	init_libfcgi();
	FCGX_InitRequest(&f->fcgx, -1, 0);
	f->limits = *limits;
	f->empty_request = empty_request_file();
	if (!peers_open(&f->peers, listener, limits->peer_uids, limits->peer_uid_count) || f->empty_request < 0) {
		fcgi_free(f);
		return NULL;
	}
	return f;
}

void fcgi_accept(struct fcgi *f, bool accepts)
{
	if (!peers_accept(&f->peers, accepts))
		BUG("epoll does not take the listener: %s", strerror(errno));
}

bool fcgi_leave(struct fcgi *f)
{
	return peers_leave(&f->peers);
}

static void forget_request(struct fcgi *f)
{
	fcgi_read_wipe(&f->reader);
	half_free(f->half);
	f->half = NULL;
}

void fcgi_free(struct fcgi *f)
{
	if (!f)
		return;
	int saved = errno;
	peers_close(&f->peers);
	if (f->empty_request >= 0)
		close(f->empty_request);
	forget_request(f);
	free(f);
	errno = saved;
}

static void close_connection(struct fcgi *f)
{
	forget_request(f);
	if (f->peers.fd >= 0)
		close(f->peers.fd);
	f->peers.fd = -1;
}

static enum fcgi_got drop(struct fcgi *f, const struct error *err)
{
	LOG(INFO, "fastcgi_dropped", LOG_C("reason", err->operator));
	metrics_count(COUNT_FCGI_DROPPED);
	close_connection(f);
	return FCGI_GOT_NOTHING;
}

/* END_REQUEST with FCGI_UNKNOWN_ROLE, as the protocol asks for (T87). */
static enum fcgi_got refuse_role(struct fcgi *f, struct error *err)
{
	const unsigned char end[] = { 1, 3, (unsigned char)(f->head.id >> 8), (unsigned char)f->head.id, 0, 8, 0,
		0, 0, 0, 0, 0, 3, 0, 0, 0 };
	error_log(err, ERR_INVALID_REQUEST, "role %u is not served", f->head.role);
	(void)send(f->peers.fd, end, sizeof(end), MSG_DONTWAIT | MSG_NOSIGNAL);
	return drop(f, err);
}

/* The time for the answer begins when the request has been read, as the pool's watchdog counts it too. */
static void begin_time(struct fcgi *f)
{
	f->answer_deadline_us = clock_mono_us() + f->limits.request_ms * 1000;
}

/* The next piece of a streamed body. */
static bool next_piece(void *from, struct str *piece, struct error *err)
{
	struct fcgi *f = from;
	size_t got = 0;
	*piece = STR("");
	if (f->reader.stdin_ended)
		return true;
	if (!f->piece)
		f->piece = arena_alloc(f->arena, LIMIT_MEDIA_PIECE);
	f->is_refusal =
		fcgi_read_body(&f->reader, &f->head, f->piece, LIMIT_MEDIA_PIECE, &got, err) != FCGI_READ_WHOLE;
	*piece = str_of(f->piece, got);
	begin_time(f);
	return !f->is_refusal;
}

/* Reads all of the body, beginning where the last call stopped. */
static enum fcgi_read read_body(
	struct fcgi *f, struct arena *a, size_t length, struct request *req, struct error *err)
{
	struct half_body *body = &f->body;
	size_t got;
	if (!body->has_begun) {
		*body = (struct half_body){ true, length > 0 ? arena_alloc(a, length) : NULL, length, 0 };
		f->reader.body_left = length;
	}
	/* A body this large would displace other requests that were put aside, so the worker waits for it instead. */
	if (length > PEERS_HALVES / 2)
		f->reader.hold_until_us = INT64_MAX;
	enum fcgi_read read = fcgi_read_body(
		&f->reader, &f->head, body->at ? body->at + body->got : NULL, length - body->got, &got, err);
	body->got += got;
	req->body = str_of(body->at, body->got);
	return read;
}

static enum fcgi_read read_request(struct fcgi *f, struct arena *a, struct request *req, struct error *err)
{
	struct param *params;
	size_t count, length;
	bool streams = false;
	request_init(req, a);
	if (f->head.params_too_large) {
		error_set(err, ERR_HEADERS_TOO_LARGE, "the headers are larger than %d bytes", LIMIT_PARAMS);
		return FCGI_READ_REFUSED;
	}
	enum fcgi_read got = fcgi_read_params(f->head.params, a, &params, &count, err);
	if (got != FCGI_READ_WHOLE)
		return got;
	if (!request_parse(req, a, params, count, f->limits.body, &length, err) ||
		(f->limits.admits && !f->limits.admits(f->limits.who, req, length, &streams, err)))
		return FCGI_READ_REFUSED;
	if (streams) {
		f->reader.body_left = length;
		f->reader.hold_until_us = INT64_MAX;
		f->arena = a;
		f->piece = NULL;
		f->stream = (struct byte_source){ next_piece, f };
		req->stream = &f->stream;
		return FCGI_READ_WHOLE;
	}
	return read_body(f, f->half ? f->half->arena : a, length, req, err);
}

/* Resumes a request that was put aside, or begins a new one. False when the peer has sent nothing. */
static bool begin_or_resume(struct fcgi *f)
{
	bool is_closed;
	if (f->peers.half) {
		f->half = f->peers.half;
		f->peers.half = NULL;
		f->reader = f->half->reader;
		f->head = f->half->head;
		f->body = f->half->body;
		f->reader.hold_until_us = 0;
		return true;
	}
	f->body = (struct half_body){ 0 };
	if (fcgi_read_start(&f->reader, f->peers.fd, f->limits.peer_ms, f->limits.request_ms, &is_closed)) {
		f->reader.hold_until_us = f->reader.heard_us + HOLD_MS * 1000;
		return true;
	}
	if (is_closed)
		close_connection(f);
	else
		peers_park(&f->peers, true, f->limits.peer_ms);
	return false;
}

/* Puts the request aside until the peer sends more, so that the worker can serve others meanwhile. */
static enum fcgi_got put_aside(struct fcgi *f)
{
	struct half *half = f->half;
	fcgi_read_wipe(&f->reader);
	if (half) {
		half->reader = f->reader;
		half->head = f->head;
		if (f->body.has_begun && !half->body.has_begun)
			half->size += f->body.len;
		half->body = f->body;
	} else {
		half = half_new(&f->reader, &f->head, &f->body);
	}
	f->half = NULL;
	peers_park_half(&f->peers, half, fcgi_read_expires(&half->reader));
	return FCGI_GOT_NOTHING;
}

enum fcgi_got fcgi_next(
	struct fcgi *f, struct arena *a, int wait_ms, const void *sigmask, struct request *req, struct error *err)
{
	close_connection(f);
	if (!peers_wait(&f->peers, wait_ms, sigmask) || !begin_or_resume(f))
		return FCGI_GOT_NOTHING;
	if (!fcgi_read_head(&f->reader, f->half ? f->half->arena : a, &f->head, err))
		return f->reader.is_starved ? put_aside(f) : drop(f, err);
	if (f->head.role != FCGI_ROLE_RESPONDER)
		return refuse_role(f, err);
	enum fcgi_read got = read_request(f, a, req, err);
	if (got == FCGI_READ_STARVED)
		return put_aside(f);
	if (got == FCGI_READ_DROPPED)
		return drop(f, err);
	f->reader.hold_until_us = INT64_MAX;
	f->is_refusal = got == FCGI_READ_REFUSED;
	begin_time(f);
	return f->is_refusal ? FCGI_GOT_REFUSAL : FCGI_GOT_REQUEST;
}

/* ---- the answer ---- */

/* The reader bounds its own reads. libfcgi's writes can be bounded only by a timeout of the socket: the time for one
 * write, or what is left of the time for the answer when that is less. False when none is left. */
static bool set_write_time(const struct fcgi *f)
{
	int64_t us = f->answer_deadline_us - clock_mono_us();
	us = us < f->limits.peer_ms * 1000 ? us : f->limits.peer_ms * 1000;
	struct timeval t = { us / 1000000, us % 1000000 };
	return us > 0 && setsockopt(f->peers.fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)) == 0;
}

/* Makes libfcgi ready to write to the peer (see the head of this file). What the peer is still sending is read and
 * discarded first. */
static void begin_answer(struct fcgi *f, bool is_small)
{
	if (f->peers.fd < 0)
		BUG("an answer without a request");
	fcgi_read_drain(&f->reader, &f->head);
	f->may_wait = !f->peers.is_unix || f->head.keep || !is_small;
	/* A request that used up all its time must still be told so: it gets the time of one write. */
	int64_t least_us = clock_mono_us() + f->limits.peer_ms * 1000;
	if (f->answer_deadline_us < least_us)
		f->answer_deadline_us = least_us;
	if (lseek(f->empty_request, 0, SEEK_SET) != 0)
		BUG("the memory file of libfcgi cannot be rewound");
	f->fcgx.ipcFd = f->empty_request;
	f->fcgx.keepConnection = 1;
	if (FCGX_Accept_r(&f->fcgx) != 0 || f->fcgx.ipcFd != f->empty_request)
		BUG("libfcgi refused the empty request");
	f->fcgx.ipcFd = f->peers.fd;
	f->fcgx.requestId = (int)f->head.id;
	f->answer_buffer = f->fcgx.out->wrNext;
	f->is_answering = true;
}

static bool put(struct fcgi *f, struct str piece)
{
	while (!str_is_empty(piece)) {
		size_t len = piece.len < WRITE_CHUNK ? piece.len : WRITE_CHUNK;
		if ((f->may_wait && !set_write_time(f)) || FCGX_PutStr(piece.at, (int)len, f->fcgx.out) < 0)
			return false;
		piece = str_skip(piece, len);
	}
	return true;
}

static bool put_piece(void *to, struct str piece, struct error *err)
{
	struct fcgi *f = to;
	if (!f->is_answering)
		begin_answer(f, false);
	return put(f, piece) || error_log(err, ERR_UNAVAILABLE, "the peer does not take the answer");
}

struct byte_sink fcgi_sink(struct fcgi *f)
{
	return (struct byte_sink){ put_piece, f };
}

bool fcgi_end(struct fcgi *f, bool whole)
{
	if (!f->is_answering)
		BUG("an answer is ended that has not begun");
	/* Otherwise libfcgi would end an incomplete answer as if it were whole. */
	if (!whole)
		shutdown(f->peers.fd, SHUT_RDWR);
	/* libfcgi sends what remains, the end of STDOUT and END_REQUEST in one write. Then the answer is wiped from
	 * its buffer before that is freed (T91). */
	unsigned char *end = f->fcgx.out->stop;
	FCGX_FClose(f->fcgx.err);
	bool is_sent = FCGX_FClose(f->fcgx.out) == 0 && whole;
	explicit_bzero(f->answer_buffer, (size_t)(end - f->answer_buffer));
	/* Detached, libfcgi does not wait for the peer on close. It closes the connection only after a failed write
	 * and otherwise leaves it to us. */
	FCGX_Detach(&f->fcgx);
	FCGX_Finish_r(&f->fcgx);
	if (f->fcgx.ipcFd < 0)
		f->peers.fd = -1;
	f->fcgx.ipcFd = -1;
	f->is_answering = false;
	bool keeps =
		is_sent && f->peers.fd >= 0 && f->head.keep && !f->is_refusal && fcgi_read_is_clean(&f->reader);
	forget_request(f);
	if (keeps)
		peers_park(&f->peers, false, KEEP_MS);
	else
		close_connection(f);
	return is_sent;
}

bool fcgi_answer(struct fcgi *f, struct str printed)
{
	begin_answer(f, printed.len <= SMALL_ANSWER);
	return fcgi_end(f, put(f, printed));
}
