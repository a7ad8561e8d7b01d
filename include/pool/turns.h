/*
 * Fairness: one tenant's slow requests may have so many workers and no more, so that others find one (T133). Each worker
 * notes on the scoreboard whose request it has in hand, as a keyed digest, and looks at the others before it begins.
 *
 * Only requests that have their worker for longer than LIMIT_SLOW_MS count: a burst of quick ones may have all workers.
 * A burst of slow ones may, too, once, since nobody knows beforehand. Whoever took more than its share so, or pressed on
 * until it was refused, is held to it strictly for LIMIT_STRICT_MS: then each of its requests counts from the start.
 */
#ifndef TENANTD_POOL_TURNS_H
#define TENANTD_POOL_TURNS_H

#include "pool/scoreboard.h"

/* The worker in `slot` is about to run a request of this tenant's. False: others are busy with `share` of them already, and
 * nothing is noted. A share of 0: no bound. */
MUST_CHECK bool turn_begin(
	struct scoreboard *board, size_t slot, uint64_t tenant, size_t share, int64_t now_us);
/* The request has ended, whatever began it. */
void turn_end(struct scoreboard *board, size_t slot, size_t share, int64_t now_us);
/* Two digests of one tenant, whose requests count together from now on. */
void turn_same(struct scoreboard *board, uint64_t tenant, uint64_t as);

#endif
