/*
 * One worker: holds one database connection, serves one request at a time, keeps nothing of it. The
 * loop lives here; what a request is, app/dispatch.h knows.
 */
#ifndef TENANTD_POOL_WORKER_H
#define TENANTD_POOL_WORKER_H

#include "pool/master.h"

/* Serves until SIGTERM (finishes the request in hand) or the master's death. After max_requests or max_age it asks for a
 * successor and serves until that one does. */
int worker_run(const struct worker_birth *birth);

#endif
