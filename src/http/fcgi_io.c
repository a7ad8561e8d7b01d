/*
 * One worker's end of FastCGI: waits, accepts, reads a whole bounded request, answers, keeps or closes.
 *
 * libfcgi writes: it frames the answer and ends the request. It never accepts (its accept has no deadline and a
 * lock of its own) and never reads from a peer (http/fcgi_read.h says why). To bring it to where it writes,
 * FCGX_Accept_r is given a descriptor in ipcFd, with keepConnection set so that it reads from there instead of
 * accepting: a memory file of one fixed, empty request. Then ipcFd and requestId are the peer's.
 *
 * A connection that says nothing holds no worker: it is parked in the same epoll as the listener, as is a
 * kept one between two requests, and each has its time. Whoever is ready first is served.
 */
#include "http/fcgi_io.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "http/fcgi_read.h"

#include <errno.h>
#include <fcgiapp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PARKED_MAX = 64, /* silent and kept connections of one worker */
	KEEP_MS = 60 * 1000, /* a kept connection may be idle for so long */
	NO_FD_PAUSE_MS = 100, /* out of descriptors: do not spin on the listener */
	WRITE_CHUNK = 64 * 1024, /* bytes between two looks at the clock */
	SMALL_ANSWER = 3 * 1024, /* bytes that an unused unix socket takes without waiting, however it is set */
};

struct parked {
	int fd;
	bool is_silent; /* has not begun its first request */
	int64_t expires_us;
};

struct fcgi {
	int listener;
	int epoll;
	int empty_request; /* the memory file that libfcgi reads */
	bool is_unix;
	struct fcgi_limits limits;
	struct parked parked[PARKED_MAX];
	size_t parked_count;
	int fd; /* the connection in hand; -1: none */
	bool in_epoll; /* the connection in hand was parked before */
	bool is_refusal;
	struct fcgi_head head;
	FCGX_Request fcgx;
	struct fcgi_reader reader;
};

/* BEGIN_REQUEST (id 1, RESPONDER, KEEP_CONN) and the empty PARAMS. */
static const unsigned char EMPTY_REQUEST[] = {
	1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, /* begin */
	1, 4, 0, 1, 0, 0, 0, 0, /* end of params */
};

/* FCGX_Init takes SIGPIPE, SIGUSR1 and SIGTERM for itself; the last two belong to the pool. */
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
	int domain = AF_UNSPEC;
	if (!f)
		out_of_memory();
	init_libfcgi();
	FCGX_InitRequest(&f->fcgx, -1, 0);
	f->listener = listener;
	f->limits = *limits;
	f->fd = -1;
	getsockopt(listener, SOL_SOCKET, SO_DOMAIN, &domain, &(socklen_t){ sizeof(domain) });
	f->is_unix = domain == AF_UNIX;
	f->empty_request = empty_request_file();
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event e = { .events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = listener };
	if (f->empty_request < 0 || f->epoll < 0 || epoll_ctl(f->epoll, EPOLL_CTL_ADD, listener, &e) != 0) {
		fcgi_free(f);
		return NULL;
	}
	return f;
}

bool fcgi_leave(struct fcgi *f)
{
	bool is_awaited = false;
	(void)epoll_ctl(f->epoll, EPOLL_CTL_DEL, f->listener, NULL); /* the second time it is gone already */
	for (size_t i = 0; i < f->parked_count; i++)
		is_awaited |= f->parked[i].is_silent;
	return is_awaited;
}

void fcgi_free(struct fcgi *f)
{
	if (!f)
		return;
	int saved = errno;
	for (size_t i = 0; i < f->parked_count; i++)
		close(f->parked[i].fd);
	if (f->fd >= 0)
		close(f->fd);
	if (f->epoll >= 0)
		close(f->epoll);
	if (f->empty_request >= 0)
		close(f->empty_request);
	fcgi_read_wipe(&f->reader);
	free(f);
	errno = saved;
}

/* ---- connections that wait ---- */

static void unpark(struct fcgi *f, size_t i)
{
	f->parked[i] = f->parked[--f->parked_count];
}

static void close_parked(struct fcgi *f, size_t i)
{
	close(f->parked[i].fd);
	unpark(f, i);
}

static size_t next_to_expire(const struct fcgi *f)
{
	size_t first = 0;
	for (size_t i = 1; i < f->parked_count; i++)
		if (f->parked[i].expires_us < f->parked[first].expires_us)
			first = i;
	return first;
}

/* Puts the connection in hand aside for `ms`; the one with the least time left makes room. */
static void park(struct fcgi *f, bool is_silent, int64_t ms)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = f->fd };
	if (f->parked_count == PARKED_MAX)
		close_parked(f, next_to_expire(f));
	if (f->in_epoll || epoll_ctl(f->epoll, EPOLL_CTL_ADD, f->fd, &e) == 0)
		f->parked[f->parked_count++] = (struct parked){ f->fd, is_silent, clock_mono_us() + ms * 1000 };
	else
		close(f->fd);
	f->fd = -1;
}

static void close_expired(struct fcgi *f)
{
	if (f->parked_count == 0)
		return;
	int64_t now = clock_mono_us();
	for (size_t i = 0; i < f->parked_count;) {
		if (f->parked[i].expires_us > now) {
			i++;
			continue;
		}
		if (f->parked[i].is_silent)
			metrics_count(COUNT_FCGI_DROPPED);
		close_parked(f, i);
	}
}

/* How long to wait: no longer than until the first parked connection's time is over. */
static int bounded_wait(const struct fcgi *f, int wait_ms)
{
	if (f->parked_count == 0)
		return wait_ms;
	int64_t ms = (f->parked[next_to_expire(f)].expires_us - clock_mono_us() + 999) / 1000;
	ms = ms < 0 ? 0 : ms;
	return wait_ms >= 0 && wait_ms < ms ? wait_ms : (int)ms;
}

/* ---- a new connection ---- */

/* The uids that may connect (T90); the kernel knows who called connect(). */
static bool is_peer_allowed(const struct fcgi *f, int fd)
{
	struct ucred peer;
	if (!f->is_unix || !f->limits.peer_uids)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &(socklen_t){ sizeof(peer) }) != 0)
		return false;
	for (size_t i = 0; i < f->limits.peer_uid_count; i++)
		if (f->limits.peer_uids[i] == peer.uid)
			return true;
	LOG(WARN, "fastcgi_peer_refused", LOG_INT("uid", peer.uid));
	metrics_count(COUNT_FCGI_DROPPED);
	return false;
}

/* Reads take their time from the reader; libfcgi's writes can only take it from the socket. */
static void set_write_time(const struct fcgi *f)
{
	struct timeval t = { f->limits.peer_ms / 1000, f->limits.peer_ms % 1000 * 1000 };
	setsockopt(f->fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

static void accept_connection(struct fcgi *f)
{
	int fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
		LOG(ERROR, "fastcgi_accept_failed", LOG_C("reason", strerror(errno)));
		if (f->parked_count > 0)
			close_parked(f, next_to_expire(f));
		else
			poll(NULL, 0, NO_FD_PAUSE_MS);
	}
	if (fd >= 0 && !is_peer_allowed(f, fd)) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0 && !f->is_unix)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	f->fd = fd;
	f->in_epoll = false;
}

/* Takes the connection that is ready into hand. False: a signal, the time, or another worker was faster. */
static bool wait_for_connection(struct fcgi *f, int wait_ms, const sigset_t *sigmask)
{
	struct epoll_event e;
	close_expired(f);
	if (epoll_pwait(f->epoll, &e, 1, bounded_wait(f, wait_ms), sigmask) != 1) {
		close_expired(f);
		return false;
	}
	if (e.data.fd == f->listener) {
		accept_connection(f);
		return f->fd >= 0;
	}
	for (size_t i = 0; i < f->parked_count; i++) {
		if (f->parked[i].fd == e.data.fd) {
			unpark(f, i);
			f->fd = e.data.fd;
			f->in_epoll = true;
			return true;
		}
	}
	BUG("epoll knows a connection that is not parked");
}

/* ---- a request ---- */

static void close_connection(struct fcgi *f)
{
	fcgi_read_wipe(&f->reader);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
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
	(void)send(f->fd, end, sizeof(end), MSG_DONTWAIT | MSG_NOSIGNAL);
	return drop(f, err);
}

static enum fcgi_read read_request(struct fcgi *f, struct arena *a, struct request *req, struct error *err)
{
	struct param *params;
	size_t count, length;
	if (f->head.params_too_large) {
		error_set(err, ERR_HEADERS_TOO_LARGE, "the header is larger than %d bytes", LIMIT_PARAMS);
		return FCGI_READ_REFUSED;
	}
	enum fcgi_read got = fcgi_read_params(f->head.params, a, &params, &count, err);
	if (got != FCGI_READ_WHOLE)
		return got;
	if (!request_parse(req, a, params, count, f->limits.body, &length, err) ||
		(f->limits.admits && !f->limits.admits(f->limits.who, req, length, err)))
		return FCGI_READ_REFUSED;
	return fcgi_read_body(&f->reader, &f->head, a, length, &req->body, err);
}

enum fcgi_got fcgi_next(
	struct fcgi *f, struct arena *a, int wait_ms, const void *sigmask, struct request *req, struct error *err)
{
	bool is_closed;
	close_connection(f);
	if (!wait_for_connection(f, wait_ms, sigmask))
		return FCGI_GOT_NOTHING;
	if (!fcgi_read_start(&f->reader, f->fd, f->limits.peer_ms, f->limits.request_ms, &is_closed)) {
		if (is_closed)
			close_connection(f);
		else
			park(f, true, f->limits.peer_ms);
		return FCGI_GOT_NOTHING;
	}
	if (!fcgi_read_head(&f->reader, a, &f->head, err))
		return drop(f, err);
	if (f->head.role != FCGI_ROLE_RESPONDER)
		return refuse_role(f, err);
	enum fcgi_read got = read_request(f, a, req, err);
	if (got == FCGI_READ_DROPPED)
		return drop(f, err);
	f->is_refusal = got == FCGI_READ_REFUSED;
	if (f->is_refusal)
		fcgi_read_drain(&f->reader, &f->head);
	return f->is_refusal ? FCGI_GOT_REFUSAL : FCGI_GOT_REQUEST;
}

/* ---- the answer ---- */

/* Brings libfcgi to where it writes to the peer (see above). */
static void begin_answer(struct fcgi *f)
{
	if (lseek(f->empty_request, 0, SEEK_SET) != 0)
		BUG("the memory file of libfcgi cannot be rewound");
	f->fcgx.ipcFd = f->empty_request;
	f->fcgx.keepConnection = 1;
	if (FCGX_Accept_r(&f->fcgx) != 0 || f->fcgx.ipcFd != f->empty_request)
		BUG("libfcgi refused the empty request");
	f->fcgx.ipcFd = f->fd;
	f->fcgx.requestId = (int)f->head.id;
}

/* A peer that takes a little of a large answer within each write's time has no longer than a request. Then
 * the socket is shut, lest libfcgi end a cut answer as if it were whole. */
static bool put_answer(struct fcgi *f, struct str printed)
{
	int64_t deadline = clock_mono_us() + f->limits.request_ms * 1000;
	while (printed.len > WRITE_CHUNK) {
		if (FCGX_PutStr(printed.at, WRITE_CHUNK, f->fcgx.out) < 0)
			return false;
		if (clock_mono_us() > deadline) {
			shutdown(f->fd, SHUT_RDWR);
			return false;
		}
		printed = str_skip(printed, WRITE_CHUNK);
	}
	return FCGX_PutStr(printed.at, (int)printed.len, f->fcgx.out) >= 0;
}

bool fcgi_answer(struct fcgi *f, struct str printed)
{
	if (f->fd < 0)
		BUG("an answer without a request");
	if (!f->is_unix || f->head.keep || printed.len > SMALL_ANSWER)
		set_write_time(f);
	begin_answer(f);
	unsigned char *buffer = f->fcgx.out->wrNext, *end = f->fcgx.out->stop;
	bool is_sent = put_answer(f, printed);
	/* In one write with what remains: the end of STDOUT and END_REQUEST. Then the answer is wiped from
	 * libfcgi's buffer before it is freed (T91). */
	FCGX_FClose(f->fcgx.err);
	is_sent &= FCGX_FClose(f->fcgx.out) == 0;
	explicit_bzero(buffer, (size_t)(end - buffer));
	/* Detached, it does not linger; it closes after a failed write alone, else leaves the connection to us. */
	FCGX_Detach(&f->fcgx);
	FCGX_Finish_r(&f->fcgx);
	if (f->fcgx.ipcFd < 0)
		f->fd = -1;
	f->fcgx.ipcFd = -1;
	bool keeps = is_sent && f->fd >= 0 && f->head.keep && !f->is_refusal && fcgi_read_is_clean(&f->reader);
	fcgi_read_wipe(&f->reader);
	if (keeps)
		park(f, false, KEEP_MS);
	else
		close_connection(f);
	return is_sent;
}
