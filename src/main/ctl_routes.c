/* tenantctl routes: the route table as it serves, with its guards. */
#include "app/routes.h"
#include "ctl_app.h"

#include <stdio.h>

static enum ctl_status print_json(struct arena *a, const struct route *all, size_t count)
{
	struct buf b;
	buf_init(&b, a, LIMIT_RESPONSE);
	json_write_open(&b, NULL, '[');
	for (const struct route *r = all; r < all + count; r++) {
		json_write_line(&b);
		json_write_open(&b, NULL, '{');
		json_write_c(&b, "method", method_name(r->method));
		json_write_c(&b, "path", r->path);
		json_write_c(&b, "least", route_least(r));
		json_write_c(&b, "tenant", tenant_guard_name(r->guard.tenant));
		json_write_flag(&b, "unversioned", r->flags & ROUTE_SHORT);
		json_write_close(&b, '}');
	}
	json_write_close(&b, ']');
	return ctl_print_json(&b);
}

enum ctl_status ctl_routes(struct ctl *ctl)
{
	size_t count;
	const struct route *all = routes(&count);
	if (ctl_option(ctl, "--json"))
		return print_json(ctl->arena, all, count);
	printf("%-6s  %-32s  %-12s  %-6s  %s\n", "method", "path", "least role", "tenant", "also without /v1");
	for (const struct route *r = all; r < all + count; r++)
		printf("%-6s  %-32s  %-12s  %-6s  %s\n", method_name(r->method), r->path, route_least(r),
			tenant_guard_name(r->guard.tenant), r->flags & ROUTE_SHORT ? "yes" : "");
	return CTL_OK;
}
