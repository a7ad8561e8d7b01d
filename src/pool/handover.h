/*
 * Who goes, and for whom: a worker is dismissed when another serves in its place, at a drain, or when its crew was replaced
 * before it ever served.
 */
#ifndef TENANTD_POOL_HANDOVER_H
#define TENANTD_POOL_HANDOVER_H

#include "pool/supervisor.h"

/* How many workers a crew is to have; 0 when there is no crew, or everybody leaves. */
size_t seats_wanted(const struct supervisor *s, const struct crew *crew);
/* Tells a worker to finish what it has begun and leave, once. */
void dismiss(struct supervisor *s, size_t at, int64_t now);
void kill_child(struct child *child);
/* Old ones go as new ones serve in their place. `next` becomes the time of the next look, if that is sooner. */
void hand_over(struct supervisor *s, int64_t now, int64_t *next);
/* Tells the dismissed again, and kills those whose time is over. */
void press_leavers(struct supervisor *s, int64_t now, int64_t *next);

#endif
