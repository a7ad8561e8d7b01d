/*
 * Prints the tables that are compiled into tenantd as lines of Markdown. A test compares them with the pages in docs/, so
 * that the pages tell what the program does. Further columns of those pages are written by hand.
 */
#include "app/routes.h"
#include "core/error.h"

#include <stdio.h>
#include <stdlib.h>

static void print_routes(void)
{
	size_t count;
	const struct route *all = routes(&count);
	for (const struct route *r = all; r < all + count; r++)
		printf("| `%s %s` | %s | %s | %s | %d | %s |\n", method_name(r->method), r->path, route_least(r),
			tenant_guard_name(r->guard.tenant), r->flags & ROUTE_SHORT ? "yes" : "no", r->status, r->summary);
}

/* Those that say what they answer, as they must: "METHOD PATH". */
static void print_shaped(void)
{
	size_t count;
	const struct route *all = routes(&count);
	for (const struct route *r = all; r < all + count; r++)
		if ((r->answer || r->status == 204) && r->summary && (r->id || r->flags & ROUTE_OF_RESOURCE))
			printf("%s %s\n", method_name(r->method), r->path);
}

static void print_errors(void)
{
	for (int code = ERR_NONE + 1; code < ERROR_COUNT; code++) {
		const struct error_info *e = error_info((enum error_code)code);
		printf("| `%s` | %d | %s | %s |\n", e->code, e->status, e->title, e->flags & AUDITED ? "yes" : "no");
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "routes") == 0)
		print_routes();
	else if (argc == 2 && strcmp(argv[1], "shaped") == 0)
		print_shaped();
	else if (argc == 2 && strcmp(argv[1], "errors") == 0)
		print_errors();
	else
		return fputs("usage: print_tables routes|shaped|errors\n", stderr), 64;
	return EXIT_SUCCESS;
}
