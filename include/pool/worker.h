/*
 * One worker: it has one database connection, serves one request at a time, and keeps nothing of a request afterwards.
 * The loop is here; app/dispatch.h handles the request.
 */
#ifndef TENANTD_POOL_WORKER_H
#define TENANTD_POOL_WORKER_H

#include "pool/master.h"

/* Serves until SIGTERM, which the kernel also sends when the master dies, and then finishes the requests that its
 * connections have begun. After max_requests or max_age it asks for a successor and serves until that one does. */
int worker_run(const struct worker_birth *birth);

#endif
