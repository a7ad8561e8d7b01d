/*
 * The connections of one worker: the listener, those that wait, and the one in hand. A connection that says nothing, or
 * stops in the middle of its request, holds no worker: it is parked in the same epoll as the listener, as is a kept one
 * between two requests, and each has its time. Whoever is ready first is served.
 */
#ifndef TENANTD_HTTP_PEERS_H
#define TENANTD_HTTP_PEERS_H

#include "core/base.h"

#include <signal.h>
#include <sys/types.h>

struct half; /* half.h */

enum {
	PEERS_PARKED = 64,
	PEERS_HALVES = 16 * 1024 * 1024 /* bytes that all halves parked may come to */
};

struct peers {
	int listener;
	int epoll;
	bool is_unix;
	bool accepts; /* new connections */
	const unsigned *uids; /* of unix peers that may connect; NULL: any */
	size_t uid_count;
	int64_t look_at_us; /* when the listener is looked at though nobody told of it */
	int fd; /* the connection in hand; -1: none */
	bool in_epoll; /* it was parked before */
	struct half *half; /* what is there of its request, when it was parked in the middle; the taker's */
	size_t parked_count;
	struct parked {
		int fd;
		bool is_silent; /* has not begun its first request */
		int64_t expires_us;
		struct half *half; /* NULL: it has not begun the next request */
	} parked[PEERS_PARKED];
};

/* After fork: an epoll in which one worker wakes for one connection (EPOLLEXCLUSIVE). False: errno. */
MUST_CHECK bool peers_open(struct peers *p, int listener, const unsigned *uids, size_t uid_count);
/* The listener is the caller's and stays. */
void peers_close(struct peers *p);
/* Whether new connections are taken from now on, or left to other workers. False: errno. */
bool peers_accept(struct peers *p, bool accepts);
/* No new connection from now on. True while one that is there has not said its first request, or not all of one. */
bool peers_leave(struct peers *p);

/* Takes the connection that is ready, or stopped in mid-request and has no time left, into hand, as epoll_pwait waits, but for a quarter of a second at most. False: a
 * signal, the time, or another worker was faster. */
MUST_CHECK bool peers_wait(struct peers *p, int wait_ms, const sigset_t *sigmask);
/* Puts the connection in hand aside for `ms`; when there are too many the one with the least time left is closed. */
void peers_park(struct peers *p, bool is_silent, int64_t ms);
/* The same in the middle of a request, until more comes or its time is over. */
void peers_park_half(struct peers *p, struct half *half, int64_t expires_us);

#endif
