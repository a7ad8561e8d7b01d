/* The socket on which the pool listens: one that it opens itself (unix or TCP) or one that its parent process passed. */
#ifndef TENANTD_POOL_LISTENER_H
#define TENANTD_POOL_LISTENER_H

#include "core/config.h"

/* Opens what server.listen names. "unix:/path" makes a socket with the mode and group of the configuration; a lock file
 * (PATH.lock) makes sure that a second master is refused and that only a stale socket is replaced. "tcp:ADDR:PORT" has
 * [::1]:PORT for IPv6. "fd:0", or another number, is a descriptor that spawn-fcgi, lighttpd's bin-path or systemd
 * passed. A socket of the service manager (pool/systemd.h) is taken before all of these, and must be at the unix path that
 * server.listen names. The result is non-blocking, close-on-exec and never 0, 1 or 2; or it is -1 with `err`. A process can have one
 * listener. Call before privileges are dropped, because a unix socket is given to server.user. */
int listener_open(const struct config *config, struct error *err);
/* Call in a worker: closes the lock file, which only the master holds. The socket stays open. */
void listener_leave_lock(void);
/* Closes `fd`, and removes the unix socket and its lock file if this process made them. */
void listener_close(int fd);

#endif
