/* The socket the pool listens on: its own (unix or TCP) or one that was handed to it. */
#ifndef TENANTD_POOL_LISTENER_H
#define TENANTD_POOL_LISTENER_H

#include "core/config.h"

/* "unix:/path": made with the mode and group of the config under a lock file beside it, so that a second
 * master is refused and a stale socket is replaced; "tcp:ADDR:PORT" ([::1]:PORT for IPv6); "fd:0" as
 * spawn-fcgi, lighttpd's bin-path or systemd hand it. Non-blocking, close-on-exec. -1 and `err`. */
int listener_open(const struct config *config, struct error *err);
/* Removes the unix socket and its lock, if this process made them. */
void listener_close(const struct config *config, int fd);

#endif
