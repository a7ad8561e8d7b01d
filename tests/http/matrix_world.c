/* Makes the rows for the matrix by SQL. The program ends when one cannot be made. */
#include "matrix_world.h"

#include "support/cluster.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct world world;
const struct world *const the_world = &world;
size_t matrix_tried, matrix_wrong;
bool matrix_is_quiet;
static struct arena *kept; /* http_forget leaves it alone */

static const char *keep(const char *text)
{
	return arena_cstr(kept, str_c(text));
}

const char *word(const struct json *object, const char *name)
{
	struct str text;
	return json_string(json_get(object, str_c(name)), &text) ? arena_cstr(kept, text) : "";
}

enum caller_role role_named(const char *name)
{
	return strcmp(name, "owner") == 0 ? OWNER : strcmp(name, "tenant_admin") == 0 ? ADMIN : MEMBER;
}

static bool flag(const struct json *object, const char *name)
{
	bool is = false;
	return json_bool(json_get(object, str_c(name)), &is) && is;
}

static struct subject subject_of(const struct json *j)
{
	struct subject s = {
		.name = word(j, "name"),
		.key = word(j, "key"),
		.guard = word(j, "guard"),
		.least = { role_named(word(j, "read")), role_named(word(j, "create")), role_named(word(j, "update")),
			role_named(word(j, "delete")) },
		.user_scoped = flag(j, "user_scoped"),
		.append_only = flag(j, "append_only"),
		.is_view = flag(j, "is_view"),
		.is_changeable = flag(j, "changeable"),
		.content = word(j, "content"),
		.parents = json_get(j, STR("parents")),
		.actions = json_get(j, STR("actions")),
	};
	enum caller_role create = s.least[OP_CREATE], update = s.least[OP_UPDATE];
	s.least[OP_PUT] = create > update ? create : update;
	return s;
}

static void read_subjects(struct world *w)
{
	struct error err = ERROR_INIT;
	struct str text = arena_str(kept, str_c(ask("SELECT matrix.resources()")));
	const struct json *all = json_parse(kept, text, &err);
	w->count = json_count(all);
	w->subjects = ARENA_ARRAY(kept, struct subject, w->count + 1);
	for (size_t i = 0; i < w->count; i++)
		w->subjects[i] = subject_of(json_at(all, i, NULL));
}

static const char *user_of(const char *subject)
{
	return keep(ask("SELECT id FROM tenantd.users WHERE subject = '%s'", subject));
}

/* Beta is a stranger's. Gamma, in another env, has the callers as its owners: it is foreign in this one all the
 * same. Rem is an owner of their own tenant. */
static void people(struct world *w)
{
	static const char *const roles[CALLERS] = { "member", "tenant_admin", "owner" };
	static const char *const names[CALLERS] = { "amy", "adam", "ann" };
	const char *beta = keep(active_tenant_of("bea")), *gamma = keep(active_tenant_in("staging", "cyd"));
	w->tenant = keep(active_tenant_of("ann"));
	for (size_t i = 0; i < CALLERS; i++) {
		const char *user = keep(member_of(w->tenant, names[i], roles[i], "active"));
		member_of(gamma, names[i], "owner", "active");
		w->callers[i] = (struct caller){ roles[i], user, keep(token(names[i], w->tenant, "dev")) };
	}
	const char *rem = keep(member_of(w->tenant, "rem", "owner", "active"));
	w->foreign[FOREIGN_TENANT] =
		(struct target){ "a foreign tenant", beta, user_of("bea"), keep(token("bea", beta, "dev")) };
	w->foreign[FOREIGN_ENV] =
		(struct target){ "a foreign env", gamma, user_of("cyd"), keep(token("cyd", gamma, "staging")) };
	w->foreign[FOREIGN_USER] =
		(struct target){ "a foreign user", w->tenant, rem, keep(token("rem", w->tenant, "dev")) };
}

/* Every worker has heard of what was registered while they served. */
static bool is_known(const struct world *w)
{
	bool all = true;
	for (size_t i = 0; i < w->count && all; i++)
		all = all_workers_answer(
			w->callers[OWNER].token, text_of("/v1/data/%s?limit=0", w->subjects[i].name), 200);
	return all;
}

const struct world *world_new(void)
{
	bool all = false;
	kept = arena_new(65536);
	cluster_migrate(stack_cluster(), "stack", "areas", text_of("%s/areas", cluster_sources()));
	if (!cluster_try_file(stack_cluster(), "stack", "postgres",
			text_of("%s/../tests/http/matrix.sql", cluster_sources()))) {
		fprintf(stderr, "matrix: matrix.sql failed, see the log of the database\n");
		exit(EXIT_FAILURE);
	}
	people(&world);
	read_subjects(&world);
	UNTIL(SOON_S, (all = is_known(&world)));
	if (!all) {
		fprintf(stderr, "matrix: the workers do not serve what was registered\n");
		exit(EXIT_FAILURE);
	}
	return &world;
}

const char *row_of(const struct subject *s, const char *tenant, const char *user)
{
	return ask("SELECT matrix.row_of('%s', '%s', '%s')", s->name, tenant, user);
}

bool matrix_serves(const struct subject *s, const struct caller *c, enum op op)
{
	return (enum caller_role)(c - world.callers) >= s->least[op];
}

int matrix_verdict(const struct subject *s, const struct caller *c, enum op op, int status)
{
	bool changes = op == OP_UPDATE || op == OP_DELETE || op == OP_PUT;
	if ((changes && s->append_only) || (op != OP_READ && s->is_view))
		return 405;
	return matrix_serves(s, c, op) ? status : 403;
}

bool matrix_expect(bool holds, const char *fmt, ...)
{
	va_list args;
	matrix_tried++;
	matrix_wrong += !holds;
	if (holds || matrix_is_quiet)
		return holds;
	va_start(args, fmt);
	fputs("  not so: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	return false;
}
