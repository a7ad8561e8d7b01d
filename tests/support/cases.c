/* Reads tests/cases. */
#include "support/cases.h"

#include "core/arena.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES_MOST = 512 };

static struct {
	struct arena *arena;
	struct route_case at[CASES_MOST];
	struct str bodies[CASES_MOST];
	size_t count;
} known;

static void take_line(struct str family, struct str line)
{
	struct str columns[4];
	for (size_t i = 0; i < COUNT_OF(columns); i++) {
		line = str_split(line, '|', &columns[i]);
		columns[i] = str_trim(columns[i]);
	}
	if (known.count == CASES_MOST)
		BUG("more than %d cases", CASES_MOST);
	struct route_case *c = &known.at[known.count];
	*c = (struct route_case){ .family = family, .route = columns[0], .tenant = columns[2] };
	known.bodies[known.count++] = columns[1];
	struct str rest = columns[3];
	for (size_t i = 0; i < CALLERS; i++) {
		rest = str_trim(rest);
		rest = str_split(rest, ' ', &c->cells[i]);
	}
	if (str_is_empty(c->cells[CALLERS - 1]) || !str_is_empty(str_trim(rest)))
		BUG("%.*s: not %d verdicts for '%.*s'", STR_ARG(family), CALLERS, STR_ARG(c->route));
}

static void take_file(const char *path)
{
	static char text[64 * 1024];
	FILE *f = fopen(path, "r");
	size_t len = f ? fread(text, 1, sizeof(text), f) : 0;
	if (!f || len == sizeof(text) || fclose(f) != 0)
		BUG("cannot read %s", path);
	const char *name = strrchr(path, '/') + 1;
	struct str family = arena_str(known.arena, str_of(name, str_find(str_c(name), '.')));
	struct str rest = arena_str(known.arena, str_of(text, len)), line;
	while (!str_is_empty(rest)) {
		rest = str_split(rest, '\n', &line);
		if (!str_is_empty(line) && line.at[0] != '#')
			take_line(family, line);
	}
}

const struct route_case *cases(size_t *count)
{
	glob_t files;
	if (!known.arena) {
		known.arena = arena_new(64 * 1024);
		if (glob(TEST_CASES_DIR "/*.cases", 0, NULL, &files) != 0)
			BUG("no cases in %s", TEST_CASES_DIR);
		for (size_t i = 0; i < files.gl_pathc; i++)
			take_file(files.gl_pathv[i]);
		globfree(&files);
	}
	*count = known.count;
	return known.at;
}

struct str case_name(struct arena *a, const struct route *route)
{
	return arena_printf(a, "%s %s", method_name(route->method), route->path);
}

const char *case_body(const struct route *route)
{
	size_t count;
	const struct route_case *all = cases(&count);
	struct str name = case_name(known.arena, route);
	for (size_t i = 0; i < count; i++)
		if (str_eq(all[i].route, name))
			return str_is_empty(known.bodies[i]) ? NULL : arena_cstr(known.arena, known.bodies[i]);
	return NULL;
}
