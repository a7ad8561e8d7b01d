/*
 * The isolation matrix over HTTP (T33 to T37): every resource of the catalog × every operation × every role × rows of
 * another tenant, of another environment and, where rows belong to users, of another user. Each line of a table below is
 * tried for all of them, and then with a key that does not exist: both answers must be the same. Foreign rows are never
 * seen, counted, changed or deleted. The caller's own rows are served as the registration says for the role.
 */
#include "core/buf.h"
#include "matrix_world.h"
#include "support/unit.h"

enum { AREAS = 16, ROWS_AT_LEAST = AREAS + 8 };

static const struct world *w;

/* In target and body: {key} the key column; {id} the key of the row that is tried; {own} one's own row; {row} a
 * whole row with the key {id}; {change} a body that changes one. Where it makes or changes rows it is a dry run. */
struct
try {
	const char *what;
	enum op op;
	const char *method, *target, *body, *prefer;
	int status;
	int of_user; /* of a foreign user's row, in the same tenant; 0: the same */
	int unread; /* of those who may do it and not read; 0: the same */
	const char *range; /* of a success: Content-Range */
	bool can_show; /* it makes a row with that key */
};

/* With {id} a foreign row's: as the caller of each role gets them who may do it at all. */
// clang-format off
static const struct try foreign_tries[] = {
	{ "get",             OP_READ,   "GET",    "/{id}",                            NULL,       NULL, 404, 0, 0, NULL, false },
	{ "head",            OP_READ,   "HEAD",   "/{id}",                            NULL,       NULL, 404, 0, 0, NULL, false },
	{ "filter",          OP_READ,   "GET",    "?{key}=eq.{id}",                   NULL,       "count=exact", 200, 0, 0, "*/0", false },
	{ "double negation", OP_READ,   "GET",    "?{key}=not.neq.{id}",              NULL,       "count=exact", 200, 0, 0, "*/0", false },
	{ "among one's own", OP_READ,   "GET",    "?{key}=in.({id},{own})",           NULL,       "count=exact", 200, 0, 0, "0-0/1", false },
	{ "either",          OP_READ,   "GET",    "?or=({key}.eq.{id},{key}.eq.{own})", NULL,     "count=exact", 200, 0, 0, "0-0/1", false },
	{ "list",            OP_READ,   "GET",    "",                                 NULL,       "count=exact", 200, 0, 0, "all", false },
	{ "list heads",      OP_READ,   "HEAD",   "",                                 NULL,       "count=exact", 200, 0, 0, "all", false },
	{ "ordered list",    OP_READ,   "GET",    "?order={key}.desc",                NULL,       "count=exact", 200, 0, 0, "all", false },
	{ "list of keys",    OP_READ,   "GET",    "?select={key}&order=created_at",   NULL,       "count=exact", 200, 0, 0, "all", false },
	{ "patch",           OP_UPDATE, "PATCH",  "/{id}",                            "{change}", NULL, 404, 0, 0, NULL, false },
	{ "patch if any",    OP_UPDATE, "PATCH",  "/{id}",                            "{change}", "If-Match: *", 404, 0, 0, NULL, false },
	{ "patch by filter", OP_UPDATE, "PATCH",  "?{key}=eq.{id}",                   "{change}", NULL, 404, 0, 0, NULL, false },
	{ "patch of both",   OP_UPDATE, "PATCH",  "?{key}=in.({own},{id})",           "{change}", NULL, 404, 0, 0, NULL, false },
	{ "patch of not not",OP_UPDATE, "PATCH",  "?{key}=not.neq.{id}",              "{change}", "count=exact", 200, 0, 0, "*/0", false },
	{ "put",             OP_PUT,    "PUT",    "/{id}",                            "{row}",    "tx=rollback", 201, 403, 403, NULL, true },
	{ "put if any",      OP_PUT,    "PUT",    "/{id}",                            "{row}",    "If-Match: *", 404, 0, 0, NULL, false },
	{ "merging post",    OP_CREATE, "POST",   "",                                 "{row}",    "resolution=merge-duplicates, tx=rollback", 201, 403, 403, NULL, true },
	{ "ignoring post",   OP_CREATE, "POST",   "",                                 "{row}",    "resolution=ignore-duplicates, tx=rollback", 201, 200, 403, NULL, true },
	{ "delete",          OP_DELETE, "DELETE", "/{id}",                            NULL,       NULL, 404, 0, 0, NULL, false },
	{ "delete by filter",OP_DELETE, "DELETE", "?{key}=eq.{id}",                   NULL,       NULL, 404, 0, 0, NULL, false },
	{ "delete of both",  OP_DELETE, "DELETE", "?{key}=in.({id},{own})",           NULL,       NULL, 404, 0, 0, NULL, false },
	{ "delete of not not",OP_DELETE,"DELETE", "?{key}=not.neq.{id}",              NULL,       "count=exact", 204, 0, 0, "*/0", false },
};

/* With {id} one's own. */
static const struct try own_tries[] = {
	{ "get",             OP_READ,   "GET",    "/{id}",                            NULL,       NULL, 200, 0, 0, NULL, true },
	{ "head",            OP_READ,   "HEAD",   "/{id}",                            NULL,       NULL, 200, 0, 0, NULL, true },
	{ "list",            OP_READ,   "GET",    "",                                 NULL,       "count=exact", 200, 0, 0, "all", true },
	{ "filter",          OP_READ,   "GET",    "?{key}=eq.{id}",                   NULL,       "count=exact", 200, 0, 0, "0-0/1", true },
	{ "post",            OP_CREATE, "POST",   "",                                 "{new}",    "tx=rollback", 201, 0, 0, NULL, true },
	{ "merging post",    OP_CREATE, "POST",   "",                                 "{new}",    "resolution=merge-duplicates, tx=rollback", 201, 0, 403, NULL, true },
	{ "patch",           OP_UPDATE, "PATCH",  "/{id}",                            "{change}", "tx=rollback", 200, 0, 404, NULL, true },
	{ "patch by filter", OP_UPDATE, "PATCH",  "?{key}=eq.{id}",                   "{change}", "tx=rollback, count=exact", 200, 0, 404, "0-0/1", true },
	{ "put",             OP_PUT,    "PUT",    "/{id}",                            "{row}",    "tx=rollback", 200, 0, 403, NULL, true },
	{ "delete",          OP_DELETE, "DELETE", "/{id}",                            NULL,       "tx=rollback", 204, 0, 404, NULL, true },
	{ "delete by filter",OP_DELETE, "DELETE", "?{key}=eq.{id}",                   NULL,       "tx=rollback, count=exact", 204, 0, 404, "*/1", true },
};
// clang-format on

/* ---- one request ---- */

/* What one attempt is about. */
struct about {
	const struct subject *s;
	const struct caller *c;
	const char *id, *own, *row, *fresh, *change;
	int64_t count; /* of the rows that the caller sees */
};

static const char *fill(const struct about *a, const char *fmt)
{
	const struct {
		const char *name, *value;
	} all[] = { { "{key}", a->s->key }, { "{id}", a->id }, { "{own}", a->own }, { "{row}", a->row },
		{ "{new}", a->fresh }, { "{change}", a->change } };
	struct buf b;
	buf_init(&b, http_arena(), 65536);
	while (*fmt) {
		size_t i = 0;
		while (i < COUNT_OF(all) && strncmp(fmt, all[i].name, strlen(all[i].name)) != 0)
			i++;
		if (i < COUNT_OF(all))
			buf_add_c(&b, all[i].value);
		else
			buf_add_char(&b, *fmt);
		fmt += i < COUNT_OF(all) ? strlen(all[i].name) : 1;
	}
	return arena_cstr(http_arena(), buf_str(&b));
}

static struct http_reply send_try(const struct try *t, const struct about *a)
{
	const char *target = text_of("/v1/data/%s%s", a->s->name, fill(a, t->target));
	const char *header = NULL;
	if (t->prefer)
		header = strchr(t->prefer, ':') ? t->prefer : text_of("Prefer: %s", t->prefer);
	return HTTP(t->method, target, .token = a->c->token, .body = t->body ? fill(a, t->body) : NULL,
		.headers = { header });
}

static const char *code_of(int status)
{
	return status == 403 ? "forbidden"
		: status == 404  ? "not_found"
		: status == 405  ? "method_not_allowed"
						 : "";
}

/* Status, code, range, and that the row's key is nowhere in what was answered. */
static void judge(
	const struct try *t, const struct about *a, const char *whose, int status, const struct http_reply *r)
{
	const char *at = text_of("%s × %s × %s × %s", a->s->name, a->c->role, whose, t->what);
	bool is_good = status < 300, has_body = strcmp(t->method, "HEAD") != 0;
	matrix_expect(r->status == status && (!has_body || strcmp(r->code, code_of(status)) == 0),
		"%s: %d, got %d %.*s", at, status, r->status, (int)(r->body.len > 300 ? 300 : r->body.len),
		r->body.at);
	if (r->status != status || !is_good)
		return;
	if (t->range) {
		const char *range = http_header(r, "Content-Range"), *wanted = t->range;
		if (strcmp(wanted, "all") == 0)
			wanted =
				a->count > 0 ? text_of("0-%lld/%lld", (long long)a->count - 1, (long long)a->count) : "*/0";
		matrix_expect(range && strcmp(range, wanted) == 0, "%s: Content-Range is %s, not %s", at,
			range ? range : "absent", wanted);
	}
	if (!t->can_show)
		matrix_expect(!memmem(r->body.at, r->body.len, a->id, strlen(a->id)), "%s: shows the row", at);
}

static void make_bodies(struct about *a, const char *id)
{
	a->id = id;
	a->row = ask("SELECT matrix.body('%s', '%s', '%s', '%s')", a->s->name, w->tenant, a->c->user, id);
	a->fresh = ask("SELECT matrix.body('%s', '%s', '%s')", a->s->name, w->tenant, a->c->user);
	a->change = ask("SELECT matrix.change('%s')", a->s->name);
	a->count = ask_number("SELECT matrix.count_of('%s', '%s', '%s')", a->s->name, w->tenant, a->c->user);
}

/* Where some who make rows cannot read them, rows are answered only to those who ask for them. */
static int status_of(const struct try *t, const struct subject *s, const struct caller *c, bool is_users)
{
	int status = is_users && t->of_user              ? t->of_user
		: !matrix_serves(s, c, OP_READ) && t->unread ? t->unread
													 : t->status;
	bool is_quiet =
		!s->is_view && s->least[OP_READ] > s->least[OP_CREATE] && (t->op == OP_UPDATE || t->op == OP_PUT);
	return matrix_verdict(s, c, t->op, status == 200 && is_quiet ? 204 : status);
}

static bool applies(const struct try *t, const struct subject *s)
{
	return s->is_changeable || !t->body || strcmp(t->body, "{change}") != 0;
}

/* ---- foreign rows ---- */

/* The answer must be the same as for a key that does not exist: status, code and text. */
static void is_alike(const struct try *t, struct about *a, const char *whose, const struct http_reply *r)
{
	struct about nobody = *a;
	make_bodies(&nobody, ask("SELECT matrix.no_key('%s')", a->s->name));
	struct http_reply like = send_try(t, &nobody);
	matrix_expect(r->status == like.status && strcmp(r->code, like.code) == 0 &&
			strcmp(http_text(r, "detail"), http_text(&like, "detail")) == 0,
		"%s × %s × %s × %s: is told apart from nobody's, %d and %d", a->s->name, a->c->role, whose, t->what,
		r->status, like.status);
}

static void try_foreign(const struct subject *s, const struct caller *c, const struct target *f)
{
	struct about a = { .s = s, .c = c, .own = row_of(s, w->tenant, c->user) };
	bool is_users = f == &w->foreign[FOREIGN_USER];
	make_bodies(&a, row_of(s, f->tenant, f->user));
	const char *before = ask("SELECT matrix.digest('%s')", s->name);
	for (size_t i = 0; i < COUNT_OF(foreign_tries); i++) {
		const struct try *t = &foreign_tries[i];
		if (!applies(t, s))
			continue;
		struct http_reply r = send_try(t, &a);
		judge(t, &a, f->name, status_of(t, s, c, is_users), &r);
		if (!(is_users && t->of_user))
			is_alike(t, &a, f->name, &r);
	}
	matrix_expect(strcmp(before, ask("SELECT matrix.digest('%s')", s->name)) == 0,
		"%s × %s × %s: every row is as it was", s->name, c->role, f->name);
}

/* T33, T34, T37 */
static void foreign_rows_are_never_seen_changed_deleted_or_counted(void)
{
	matrix_wrong = 0;
	CU_ASSERT(w->count >= ROWS_AT_LEAST);
	for (size_t i = 0; i < w->count; i++)
		for (size_t c = 0; c < CALLERS; c++)
			for (size_t f = 0; f < FOREIGNS; f++) {
				if (f != FOREIGN_USER || w->subjects[i].user_scoped)
					try_foreign(&w->subjects[i], &w->callers[c], &w->foreign[f]);
				http_forget();
			}
	CU_ASSERT_EQUAL(matrix_wrong, 0);
}

/* Shows that the matrix can fail: it must when the caller's own row takes the place of a foreign one. */
static void the_matrix_sees_a_hole(void)
{
	struct target hole = { "one's own", w->tenant, w->callers[OWNER].user, NULL };
	for (size_t i = 0; i < w->count; i++) {
		matrix_wrong = 0;
		matrix_is_quiet = true;
		try_foreign(&w->subjects[i], &w->callers[OWNER], &hole);
		matrix_is_quiet = false;
		if (matrix_wrong < 8)
			fprintf(stderr, "  only %zu findings on %s\n", matrix_wrong, w->subjects[i].name);
		CU_ASSERT(matrix_wrong >= 8);
		http_forget();
	}
}

/* ---- one's own rows ---- */

static void each_role_does_with_its_rows_what_was_registered(void)
{
	matrix_wrong = 0;
	for (size_t i = 0; i < w->count; i++)
		for (size_t n = 0; n < CALLERS; n++) {
			const struct subject *s = &w->subjects[i];
			const struct caller *c = &w->callers[n];
			struct about a = { .s = s, .c = c, .own = row_of(s, w->tenant, c->user) };
			make_bodies(&a, a.own);
			const char *before = ask("SELECT matrix.digest('%s')", s->name);
			for (size_t t = 0; t < COUNT_OF(own_tries); t++) {
				const struct try *one = &own_tries[t];
				if (!applies(one, s))
					continue;
				struct http_reply r = send_try(one, &a);
				judge(one, &a, "its own", status_of(one, s, c, false), &r);
			}
			matrix_expect(strcmp(before, ask("SELECT matrix.digest('%s')", s->name)) == 0,
				"%s × %s: a dry run leaves every row as it was", s->name, c->role);
			http_forget();
		}
	CU_ASSERT_EQUAL(matrix_wrong, 0);
}

/* A row's whole life, for good, by the owner. */
static void a_row_of_every_resource_is_made_read_changed_and_deleted(void)
{
	matrix_wrong = 0;
	for (size_t i = 0; i < w->count; i++) {
		const struct subject *s = &w->subjects[i];
		struct about a = { .s = s, .c = &w->callers[OWNER], .own = "" };
		if (s->is_view)
			continue;
		make_bodies(&a, ask("SELECT matrix.no_key('%s')", s->name));
		struct http_reply r =
			HTTP("POST", text_of("/v1/data/%s", s->name), .token = a.c->token, .body = a.row);
		const char *place = http_header(&r, "Location");
		matrix_expect(
			r.status == 201 && place, "%s: is made, got %d %.*s", s->name, r.status, STR_ARG(r.body));
		if (!place)
			continue;
		r = HTTP("GET", place, .token = a.c->token);
		matrix_expect(r.status == 200, "%s: is read, got %d", s->name, r.status);
		if (s->is_changeable) {
			r = HTTP("PATCH", place, .token = a.c->token, .body = a.change);
			matrix_expect(r.status ==
					(s->append_only          ? 405
							: r.body.len > 0 ? 200
											 : 204),
				"%s: is changed, got %d", s->name, r.status);
		}
		r = HTTP("DELETE", place, .token = a.c->token);
		matrix_expect(
			r.status == matrix_verdict(s, a.c, OP_DELETE, 204), "%s: is deleted, got %d", s->name, r.status);
		r = HTTP("GET", place, .token = a.c->token);
		matrix_expect(r.status == (s->append_only ? 200 : 404), "%s: is gone, got %d", s->name, r.status);
		http_forget();
	}
	CU_ASSERT_EQUAL(matrix_wrong, 0);
}

/* T26: a tenant is served in the states that its guard lets through. */
static void the_state_of_the_tenant_is_guarded(void)
{
	static const struct {
		const char *name;
		bool is_open, is_active;
	} states[] = { { "onboarding", true, false }, { "suspended", false, false }, { "closed", false, false },
		{ "active", true, true } };
	matrix_wrong = 0;
	for (size_t n = 0; n < COUNT_OF(states); n++) {
		sql("UPDATE tenantd.tenants SET status = '%s' WHERE id = '%s'", states[n].name, w->tenant);
		for (size_t i = 0; i < w->count; i++) {
			const struct subject *s = &w->subjects[i];
			bool is_let = strcmp(s->guard, "any") == 0 ||
				(strcmp(s->guard, "open") == 0 ? states[n].is_open : states[n].is_active);
			struct about a = { .s = s, .c = &w->callers[OWNER] };
			a.own = row_of(s, w->tenant, a.c->user);
			make_bodies(&a, a.own);
			for (size_t t = 0; t < COUNT_OF(own_tries); t++) {
				const struct try *one = &own_tries[t];
				if (!applies(one, s))
					continue;
				int status = status_of(one, s, a.c, false);
				if (!is_let && status != 405)
					status = 403;
				struct http_reply r = send_try(one, &a);
				bool is_told = status != 403 || strcmp(one->method, "HEAD") == 0 ||
					strcmp(r.code, "tenant_not_active") == 0;
				matrix_expect(r.status == status && is_told, "%s × %s × %s: %d, got %d %s", s->name,
					states[n].name, one->what, status, r.status, r.code);
			}
			http_forget();
		}
	}
	CU_ASSERT_EQUAL(matrix_wrong, 0);
}

int main(void)
{
	static const struct unit_test tests[] = {
		TEST(foreign_rows_are_never_seen_changed_deleted_or_counted),
		TEST(the_matrix_sees_a_hole),
		TEST(a_foreign_cursor_is_none),
		TEST(a_foreign_key_is_free_for_ones_own_row),
		TEST(no_body_and_no_filter_names_a_tenant),
		TEST(a_foreign_parent_is_none),
		TEST(foreign_rows_are_not_acted_on_and_have_no_bytes),
		TEST(each_role_does_with_its_rows_what_was_registered),
		TEST(a_row_of_every_resource_is_made_read_changed_and_deleted),
		TEST(the_state_of_the_tenant_is_guarded),
	};
	stack_up();
	w = world_new();
	int status = unit_main("matrix", tests, COUNT_OF(tests));
	fprintf(stderr, "matrix: %zu answers were judged, of %zu resources\n", matrix_tried, w->count);
	return status;
}
