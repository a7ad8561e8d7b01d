/*
 * The connections of one worker: the listener, the parked connections, and the current one. A connection that sends
 * nothing, or stops in the middle of its request, does not occupy the worker: it is parked in the same epoll as the
 * listener, and so is a kept connection between two requests. Each parked connection has a time limit. The first that
 * is ready is served first.
 */
#ifndef TENANTD_HTTP_PEERS_H
#define TENANTD_HTTP_PEERS_H

#include "core/base.h"

#include <signal.h>
#include <sys/types.h>

struct half; /* half.h */

enum {
	PEERS_PARKED = 64,
	PEERS_HALVES = 16 * 1024 * 1024 /* the most bytes that all parked incomplete requests may take */
};

struct peers {
	int listener;
	int epoll;
	bool is_unix;
	bool accepts; /* new connections */
	const unsigned *uids; /* users that may connect by unix socket; NULL: any */
	size_t uid_count;
	int64_t look_at_us; /* when the listener is looked at even if epoll reported nothing */
	int fd; /* the current connection; -1: none */
	bool in_epoll; /* it was parked before */
	struct half *half; /* its incomplete request if it was parked with one; who takes it sets this to NULL */
	size_t parked_count;
	struct parked {
		int fd;
		bool is_silent; /* it has not begun its first request */
		int64_t expires_us;
		struct half *half; /* its incomplete request; NULL: it has not begun one */
	} parked[PEERS_PARKED];
};

/* Call after fork. Makes an epoll that wakes one worker for one connection (EPOLLEXCLUSIVE). False with errno. */
MUST_CHECK bool peers_open(struct peers *p, int listener, const unsigned *uids, size_t uid_count);
/* Closes all connections. The listener belongs to the caller and stays open. */
void peers_close(struct peers *p);
/* Says whether new connections are taken from now on or left to other workers. False with errno. */
bool peers_accept(struct peers *p, bool accepts);
/* Takes no new connection from now on. True while a parked connection has not begun its first request or has sent
 * only part of one. */
bool peers_leave(struct peers *p);

/* Waits as epoll_pwait does, and not longer than a quarter of a second while new connections are taken. Makes the
 * connection that is ready the current one, or one whose incomplete request has no time left. False when a signal
 * came, the time is over, or another worker was faster. */
MUST_CHECK bool peers_wait(struct peers *p, int wait_ms, const sigset_t *sigmask);
/* Parks the current connection for `ms`. When too many are parked, the one with the least time left is closed. */
void peers_park(struct peers *p, bool is_silent, int64_t ms);
/* The same in the middle of a request, until more arrives or its time is over. */
void peers_park_half(struct peers *p, struct half *half, int64_t expires_us);

#endif
