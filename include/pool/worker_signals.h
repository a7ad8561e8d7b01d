/*
 * A worker's signals. While a request is in hand none may interrupt it (an EINTR in libfcgi truncates an
 * answer), so all stay blocked but for the moment the worker waits for work: hand worker_wait_mask() to
 * epoll_pwait and ask worker_should_stop() after it.
 */
#ifndef TENANTD_POOL_WORKER_SIGNALS_H
#define TENANTD_POOL_WORKER_SIGNALS_H

#include "core/base.h"
#include <signal.h>

/* First thing in the child: handlers in place, SIGTERM, SIGUSR1 and SIGHUP blocked. */
void worker_signals_init(void);
/* True once SIGTERM (or FastCGI's own SIGUSR1) came: finish the request in hand and return 0. */
bool worker_should_stop(void);
/* The mask that lets those signals through. */
const sigset_t *worker_wait_mask(void);

#endif
