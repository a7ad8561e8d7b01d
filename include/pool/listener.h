/* The socket the pool listens on: its own (unix or TCP) or one that was handed to it. */
#ifndef TENANTD_POOL_LISTENER_H
#define TENANTD_POOL_LISTENER_H

#include "core/config.h"

/* "unix:/path": made with the mode and group of the config under a lock file beside it (PATH.lock), so
 * that a second master is refused and a stale socket is replaced; "tcp:ADDR:PORT" ([::1]:PORT for IPv6);
 * "fd:0" as spawn-fcgi, lighttpd's bin-path or systemd hand it (any other number the same). Non-blocking,
 * close-on-exec, never 0, 1 or 2. -1 and `err`. One listener per process. Call before privileges are
 * dropped: a unix socket is given to server.user. */
int listener_open(const struct config *config, struct error *err);
/* In a worker: lets go of the lock, which is the master's alone. The socket stays open. */
void listener_leave_lock(void);
/* Closes `fd`; removes the unix socket and its lock if this very process made them. */
void listener_close(int fd);

#endif
