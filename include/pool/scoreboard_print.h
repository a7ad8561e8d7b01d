/* The text of /metrics. Any worker can print it for the whole pool. */
#ifndef TENANTD_POOL_SCOREBOARD_PRINT_H
#define TENANTD_POOL_SCOREBOARD_PRINT_H

#include "core/buf.h"
#include "pool/scoreboard.h"

/* Appends the Prometheus text format. */
void scoreboard_print(const struct scoreboard *board, struct buf *out);

#endif
