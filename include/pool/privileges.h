/* From root to the user of the config, for good; and what a process that holds secrets forbids itself. */
#ifndef TENANTD_POOL_PRIVILEGES_H
#define TENANTD_POOL_PRIVILEGES_H

#include "core/error.h"
#include <sys/types.h>

struct account {
	char name[64];
	uid_t uid;
	gid_t gid;
};

/* Who `user` is. An empty one is the process itself. */
MUST_CHECK bool account_find(struct account *out, struct str user, struct error *err);
/* The number of the group `name`; an empty one is `standard`. */
MUST_CHECK bool group_find(gid_t *out, struct str name, gid_t standard, struct error *err);

/* Becomes `who`: groups, gid, uid, and proof that root cannot be had again. Only root changes anything;
 * for others it is refused unless `who` is what they are. */
MUST_CHECK bool privileges_drop(const struct account *who, struct error *err);
/* No core file, nothing gained by exec; inherited by workers. */
void privileges_harden(void);
/* In a worker: neither core nor ptrace nor /proc/PID/mem shows what it holds (T116). */
void privileges_hide_memory(void);

#endif
