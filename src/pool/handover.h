/*
 * Decides when a worker leaves: when another one serves in its place, at a drain, or when it has never served and its
 * crew was replaced.
 */
#ifndef TENANTD_POOL_HANDOVER_H
#define TENANTD_POOL_HANDOVER_H

#include "pool/supervisor.h"

/* How many workers a crew should have; 0 when there is no crew or the pool is draining. */
size_t seats_wanted(const struct supervisor *s, const struct crew *crew);
/* Tells a worker to finish what it has begun and to leave. Does nothing when it was told before. */
void dismiss(struct supervisor *s, size_t at, int64_t now);
/* True when the worker in this slot says that it can serve. */
bool is_serving(const struct supervisor *s, size_t at);
void kill_child(struct child *child);
/* Remembers of each worker that serves now, and of its crew, that it has served. */
void note_who_serves(struct supervisor *s);
/* Dismisses old workers as new ones serve in their place. *next becomes the time of the next look if that is sooner. */
void hand_over(struct supervisor *s, int64_t now, int64_t *next);
/* Sends SIGTERM again to dismissed workers, and kills those whose time is over. */
void press_leavers(struct supervisor *s, int64_t now, int64_t *next);

#endif
