/* tenantctl domains: looks up the records that prove the tenants' domains. */
#include "ctl.h"

#include "domains/check.h"

#include <stdio.h>

enum ctl_status ctl_domains_check(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	struct domains_tally tally = { 0 };
	if (!ctl_connect_for_errands(ctl, &err))
		return ctl_fail(&err);
	bool good = domains_run(ctl->db, &ctl->config, NULL, &tally, &err);
	printf("%lld verified, %lld pending\n", (long long)tally.verified, (long long)tally.pending);
	return good ? CTL_OK : ctl_fail(&err);
}
