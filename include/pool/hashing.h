/*
 * Passwords are computed by few workers at a time, because each takes a core and much memory for a while: a flood of
 * sign-ins must not take all of them (T103). Each worker that wants to takes a ticket on the scoreboard. The earliest
 * compute, about as many wait, and whoever comes later is told to try again.
 */
#ifndef TENANTD_POOL_HASHING_H
#define TENANTD_POOL_HASHING_H

#include "pool/scoreboard.h"

enum { HASHING_TAKES = -1 }; /* instead of a ticket, for a moment: a worker looks which number is next */

/* Waits until fewer than `most` others compute, at most LIMIT_HASHING_MS. False when that many wait already, or when the
 * time is over; then the worker may not compute. */
MUST_CHECK bool hashing_begin(struct scoreboard *board, size_t slot, size_t most);
void hashing_end(struct scoreboard *board, size_t slot);
/* How many may compute at once among so many workers, when the configuration says nothing: a quarter, but at least one. */
size_t hashing_most(size_t workers);

#endif
