/*
 * A load that goes on for as long as a test wants: many connections to the web server, all held open and used in turn, some
 * with a request on its way, by callers in many tenants; and beside it an administrator, who suspends and reactivates these
 * tenants one after the other. Each answer is compared with what it must be at that moment.
 */
#ifndef TENANTD_TESTS_SOAK_LOAD_H
#define TENANTD_TESTS_SOAK_LOAD_H

#include "core/str.h"

struct soak_plan {
	size_t tenants;
	size_t connections; /* held */
	size_t at_once; /* requests on their way */
	size_t window; /* tenants that are suspended at the same time */
};

struct soak_tally {
	size_t requests; /* that were answered as they must be */
	size_t refused; /* of these, 403 in a suspended tenant */
	size_t failed; /* answered otherwise, or not at all */
	size_t served_in_vain; /* of the failed: 2xx in a tenant whose suspension had been answered */
	size_t lost; /* connections that the web server closed without saying so before */
	size_t renewed; /* connections that it announced to close, after its number of requests on one */
	size_t open; /* connections now */
	size_t rounds; /* how often all tenants were suspended and reactivated */
	size_t changes; /* suspensions and reactivations */
};

/* Makes the tenants and starts the load and the administrator, each in a thread. The servers must be up. */
void soak_begin(const struct soak_plan *plan);
/* What was counted until now. */
struct soak_tally soak_tally(void);
/* Lets the administrator end the round, then the load, and waits for both. */
void soak_end(void);

#endif
