/*
 * Fairness: the slow requests of one tenant may occupy only a limited number of workers, its share, so that others find
 * a free one (T133). Each worker notes on the scoreboard whose request it runs, as a keyed digest of the tenant, and
 * looks at the other workers' notes before it begins a request.
 *
 * Only requests that have been running for longer than LIMIT_SLOW_MS count, so a burst of quick requests may use all
 * workers. A burst of slow requests can do so once, since nobody knows in advance that they are slow. A tenant that
 * exceeded its share in this way, or was refused, is held to its share strictly for LIMIT_STRICT_MS: in that time each
 * of its requests counts from its start.
 */
#ifndef TENANTD_POOL_TURNS_H
#define TENANTD_POOL_TURNS_H

#include "pool/scoreboard.h"

/* The worker in `slot` is about to run a request of this tenant. False when other workers are busy with `share` of its
 * requests already; the request is then not noted. A share of 0 sets no bound. */
MUST_CHECK bool turn_begin(
	struct scoreboard *board, size_t slot, uint64_t tenant, size_t share, int64_t now_us);
/* The last piece of the answer is about to be sent. The client may send its next request before this worker comes to
 * turn_end, so the request counts from here on as one that begins in LIMIT_SLOW_MS: a worker that is busy sending for
 * longer than that is still counted. This function and turn_end may be called without a turn_begin before them. */
void turn_answer(struct scoreboard *board, size_t slot, size_t share, int64_t now_us);
/* The worker's request has ended. */
void turn_end(struct scoreboard *board, size_t slot);
/* Says that `tenant` and `as` are digests of the same tenant: requests of both count as those of `as` from now on. */
void turn_same(struct scoreboard *board, uint64_t tenant, uint64_t as);

#endif
