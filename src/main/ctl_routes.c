/* tenantctl routes: the route table as it serves, with its guards. */
#include "app/routes.h"
#include "ctl_app.h"

#include <stdio.h>

enum ctl_status ctl_routes(struct ctl *ctl)
{
	size_t count;
	const struct route *all = routes(&count);
	bool json = ctl_option(ctl, "--json") != NULL;
	if (json)
		putchar('[');
	else
		printf(
			"%-6s  %-32s  %-12s  %-6s  %s\n", "method", "path", "least role", "tenant", "also without /v1");
	for (size_t i = 0; i < count; i++) {
		const struct route *r = &all[i];
		const char *least = route_least(r), *tenant = tenant_guard_name(r->guard.tenant);
		if (json)
			printf(
				"%s{\"method\":\"%s\",\"path\":\"%s\",\"least\":\"%s\",\"tenant\":\"%s\",\"unversioned\":%s}",
				i > 0 ? ",\n" : "", method_name(r->method), r->path, least, tenant,
				r->flags & ROUTE_SHORT ? "true" : "false");
		else
			printf("%-6s  %-32s  %-12s  %-6s  %s\n", method_name(r->method), r->path, least, tenant,
				r->flags & ROUTE_SHORT ? "yes" : "");
	}
	if (json)
		puts("]");
	return CTL_OK;
}
