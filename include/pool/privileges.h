/* Changes from root to the configured user for good, and sets the restrictions of a process that holds secrets. */
#ifndef TENANTD_POOL_PRIVILEGES_H
#define TENANTD_POOL_PRIVILEGES_H

#include "core/error.h"
#include <sys/types.h>

struct account {
	char name[64];
	uid_t uid;
	gid_t gid;
};

/* Looks up `user`. An empty name stands for the user of this process. */
MUST_CHECK bool account_find(struct account *out, struct str user, struct error *err);
/* Looks up the number of the group `name`. An empty name gives `standard`. */
MUST_CHECK bool group_find(gid_t *out, struct str name, gid_t standard, struct error *err);

/* Becomes `who`: groups, gid and uid. Then it checks that the process cannot become root again. Nothing is changed when
 * the process is `who` already; otherwise it must be root. */
MUST_CHECK bool privileges_drop(const struct account *who, struct error *err);
/* Forbids core files, and new privileges by exec. Workers inherit this. */
void privileges_harden(void);
/* Call in a worker: its memory can be read neither from a core file nor by ptrace or /proc/PID/mem (T116). */
void privileges_hide_memory(void);

#endif
