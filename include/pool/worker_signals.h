/*
 * A worker's signals. They must not interrupt a request, because an EINTR in libfcgi truncates the answer. So they are
 * blocked except while the worker waits for work: pass worker_wait_mask() to epoll_pwait and call worker_should_stop()
 * after it.
 */
#ifndef TENANTD_POOL_WORKER_SIGNALS_H
#define TENANTD_POOL_WORKER_SIGNALS_H

#include "core/base.h"
#include <signal.h>

/* Call first in the child. Installs the handlers and blocks SIGTERM, SIGUSR1 and SIGHUP. */
void worker_signals_init(void);
/* True once SIGTERM, or SIGUSR1 which FastCGI uses, has come: finish what was begun and return 0. */
bool worker_should_stop(void);
/* The mask under which those signals are delivered. */
const sigset_t *worker_wait_mask(void);

#endif
