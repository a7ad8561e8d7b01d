/* Waits for the first connection that is ready and closes those that are silent too long. It reads and writes no
 * data. */
#include "peers.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "half.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	NO_FD_PAUSE_MS = 100, /* the pause when descriptors have run out, so that the worker does not spin */
	LOOK_MS = 250, /* how often a worker looks at the listener even if epoll did not wake it for that */
};

bool peers_open(struct peers *p, int listener, const unsigned *uids, size_t uid_count)
{
	int domain = AF_UNSPEC;
	*p = (struct peers){ .listener = listener, .uids = uids, .uid_count = uid_count, .fd = -1 };
	getsockopt(listener, SOL_SOCKET, SO_DOMAIN, &domain, &(socklen_t){ sizeof(domain) });
	p->is_unix = domain == AF_UNIX;
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	return p->epoll >= 0 && peers_accept(p, true);
}

void peers_close(struct peers *p)
{
	for (size_t i = 0; i < p->parked_count; i++) {
		close(p->parked[i].fd);
		half_free(p->parked[i].half);
	}
	half_free(p->half);
	if (p->fd >= 0)
		close(p->fd);
	if (p->epoll >= 0)
		close(p->epoll);
}

bool peers_accept(struct peers *p, bool accepts)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = p->listener };
	if (accepts == p->accepts)
		return true;
	p->accepts = accepts;
	p->look_at_us = accepts ? clock_mono_us() : INT64_MAX;
	return epoll_ctl(p->epoll, accepts ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, p->listener, &e) == 0;
}

bool peers_leave(struct peers *p)
{
	bool is_awaited = false;
	(void)peers_accept(p, false);
	for (size_t i = 0; i < p->parked_count; i++)
		is_awaited |= p->parked[i].is_silent || p->parked[i].half;
	return is_awaited;
}

static void unpark(struct peers *p, size_t i)
{
	p->parked[i] = p->parked[--p->parked_count];
}

static void close_parked(struct peers *p, size_t i)
{
	close(p->parked[i].fd);
	if (p->parked[i].half)
		metrics_count(COUNT_FCGI_DROPPED);
	half_free(p->parked[i].half);
	unpark(p, i);
}

static size_t next_to_expire(const struct peers *p)
{
	size_t first = 0;
	for (size_t i = 1; i < p->parked_count; i++)
		if (p->parked[i].expires_us < p->parked[first].expires_us)
			first = i;
	return first;
}

static void park(struct peers *p, struct parked one)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = p->fd };
	if (p->parked_count == PEERS_PARKED)
		close_parked(p, next_to_expire(p));
	p->fd = -1;
	if (p->in_epoll || epoll_ctl(p->epoll, EPOLL_CTL_ADD, one.fd, &e) == 0) {
		p->parked[p->parked_count++] = one;
		return;
	}
	close(one.fd);
	half_free(one.half);
}

void peers_park(struct peers *p, bool is_silent, int64_t ms)
{
	park(p, (struct parked){ p->fd, is_silent, clock_mono_us() + ms * 1000, NULL });
}

/* Drops incomplete requests, those with the least time left first, until there is room for `bytes` more. */
static void make_room(struct peers *p, size_t bytes)
{
	for (;;) {
		size_t sum = bytes, first = PEERS_PARKED;
		for (size_t i = 0; i < p->parked_count; i++) {
			const struct parked *one = &p->parked[i];
			if (!one->half)
				continue;
			sum += one->half->size;
			if (first == PEERS_PARKED || one->expires_us < p->parked[first].expires_us)
				first = i;
		}
		if (sum <= PEERS_HALVES || first == PEERS_PARKED)
			return;
		close_parked(p, first);
	}
}

void peers_park_half(struct peers *p, struct half *half, int64_t expires_us)
{
	make_room(p, half->size);
	park(p, (struct parked){ p->fd, false, expires_us, half });
}

/* A worker that had something else to do may find what came in time only afterwards. */
static bool has_come(const struct peers *p, size_t i)
{
	char byte;
	return recv(p->parked[i].fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void close_expired(struct peers *p)
{
	if (p->parked_count == 0)
		return;
	int64_t now = clock_mono_us();
	for (size_t i = 0; i < p->parked_count;) {
		/* The reader must end an incomplete request, because it may have to answer it (408). */
		if (p->parked[i].expires_us > now || p->parked[i].half || has_come(p, i)) {
			i++;
			continue;
		}
		if (p->parked[i].is_silent)
			metrics_count(COUNT_FCGI_DROPPED);
		close_parked(p, i);
	}
}

/* How long to wait: at most until the next look at the listener, or until the time of the first parked connection is
 * over. */
static int bounded_wait(const struct peers *p, int wait_ms)
{
	int64_t until_us = p->look_at_us;
	if (p->parked_count > 0 && p->parked[next_to_expire(p)].expires_us < until_us)
		until_us = p->parked[next_to_expire(p)].expires_us;
	if (until_us == INT64_MAX)
		return wait_ms;
	int64_t ms = (until_us - clock_mono_us() + 999) / 1000;
	ms = ms < 0 ? 0 : ms;
	return wait_ms >= 0 && wait_ms < ms ? wait_ms : (int)ms;
}

/* True when the user who called connect(), as the kernel reports it, may connect (T90). */
static bool is_peer_allowed(const struct peers *p, int fd)
{
	struct ucred peer;
	if (!p->is_unix || !p->uids)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &(socklen_t){ sizeof(peer) }) != 0)
		return false;
	for (size_t i = 0; i < p->uid_count; i++)
		if (p->uids[i] == peer.uid)
			return true;
	LOG(WARN, "fastcgi_peer_refused", LOG_INT("uid", peer.uid));
	metrics_count(COUNT_FCGI_DROPPED);
	return false;
}

static bool accept_connection(struct peers *p)
{
	p->look_at_us = clock_mono_us() + LOOK_MS * 1000;
	int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
		LOG(ERROR, "fastcgi_accept_failed", LOG_C("reason", strerror(errno)));
		if (p->parked_count > 0)
			close_parked(p, next_to_expire(p));
		else
			poll(NULL, 0, NO_FD_PAUSE_MS);
	}
	if (fd >= 0 && !is_peer_allowed(p, fd)) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0 && !p->is_unix)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	p->fd = fd;
	p->in_epoll = false;
	p->half = NULL;
	return fd >= 0;
}

static bool take_parked(struct peers *p, size_t i)
{
	p->fd = p->parked[i].fd;
	p->half = p->parked[i].half;
	p->in_epoll = true;
	unpark(p, i);
	return true;
}

static bool take_ready(struct peers *p, int fd)
{
	for (size_t i = 0; i < p->parked_count; i++)
		if (p->parked[i].fd == fd)
			return take_parked(p, i);
	BUG("epoll knows a connection that is not parked");
}

static bool take_expired_half(struct peers *p)
{
	int64_t now = p->parked_count > 0 ? clock_mono_us() : 0;
	for (size_t i = 0; i < p->parked_count; i++)
		if (p->parked[i].half && p->parked[i].expires_us <= now)
			return take_parked(p, i);
	return false;
}

/* The kernel wakes one worker for a new connection. When that worker is stopped or ends before it accepts, no other is
 * woken, and an epoll_wait that times out does not check again. So every worker also looks at the listener itself at
 * short intervals. */
bool peers_wait(struct peers *p, int wait_ms, const sigset_t *sigmask)
{
	struct epoll_event e;
	close_expired(p);
	if (take_expired_half(p) || (clock_mono_us() >= p->look_at_us && accept_connection(p)))
		return true;
	if (epoll_pwait(p->epoll, &e, 1, bounded_wait(p, wait_ms), sigmask) != 1) {
		close_expired(p);
		return false;
	}
	return e.data.fd == p->listener ? accept_connection(p) : take_ready(p, e.data.fd);
}
