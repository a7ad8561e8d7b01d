/*
 * The isolation matrix for indirect ways to a row: the cursor of another tenant, a tenant named in a body or a filter, a
 * foreign parent row, actions, contents. They are tried for every resource of the catalog that has them.
 */
#include "matrix_world.h"

#include <CUnit/CUnit.h>

/* T36: a cursor is checked before the role of the caller is. */
void a_foreign_cursor_is_none(void)
{
	matrix_wrong = 0;
	for (size_t i = 0; i < the_world->count; i++)
		for (size_t f = 0; f < FOREIGNS; f++) {
			const struct subject *s = &the_world->subjects[i];
			const struct target *t = &the_world->foreign[f];
			row_of(s, t->tenant, t->user);
			row_of(s, t->tenant, t->user);
			struct http_reply r = HTTP("GET", text_of("/v1/data/%s?limit=1", s->name), .token = t->token);
			const char *link = http_header(&r, "Link"), *from = link ? strstr(link, "cursor=") : NULL;
			if (!matrix_expect(r.status == 200 && from, "%s × %s: has pages", s->name, t->name))
				continue;
			const char *target = text_of("/v1/data/%s?limit=1&%.*s", s->name, (int)strcspn(from, ">&"), from);
			r = HTTP("GET", target, .token = t->token);
			matrix_expect(
				r.status == 200, "%s × %s: its own cursor leads on, got %d", s->name, t->name, r.status);
			for (size_t c = 0; c < CALLERS; c++) {
				r = HTTP("GET", target, .token = the_world->callers[c].token);
				matrix_expect(r.status == 400, "%s × %s × %s: its cursor is none, got %d", s->name,
					the_world->callers[c].role, t->name, r.status);
			}
			http_forget();
		}
	CU_ASSERT_EQUAL(matrix_wrong, 0);
}

/* T46: the key of a foreign row is free for a row of one's own, which is made and deleted beside it. */
void a_foreign_key_is_free_for_ones_own_row(void)
{
	matrix_wrong = 0;
	for (size_t i = 0; i < the_world->count; i++)
		for (size_t f = 0; f < FOREIGN_USER; f++) {
			const struct subject *s = &the_world->subjects[i];
			const struct caller *c = &the_world->callers[OWNER];
			const struct target *t = &the_world->foreign[f];
			const char *id = row_of(s, t->tenant, t->user), *at = text_of("/v1/data/%s/%s", s->name, id);
			const char *body =
				ask("SELECT matrix.body('%s', '%s', '%s', '%s')", s->name, the_world->tenant, c->user, id);
			struct http_reply before = HTTP("GET", at, .token = t->token);
			struct http_reply made = HTTP("PUT", at, .token = c->token, .body = body);
			struct http_reply meanwhile = HTTP("GET", at, .token = t->token);
			struct http_reply gone = HTTP("DELETE", at, .token = c->token);
			struct http_reply after = HTTP("GET", at, .token = t->token);
			matrix_expect(before.status == 200 && str_eq(before.body, meanwhile.body) &&
					str_eq(before.body, after.body),
				"%s × %s: the row is as it was, got %d %d %d", s->name, t->name, before.status,
				meanwhile.status, after.status);
			matrix_expect(made.status == matrix_verdict(s, c, OP_PUT, 201) &&
					gone.status == matrix_verdict(s, c, OP_DELETE, 204),
				"%s × %s: its key is free, got %d %d", s->name, t->name, made.status, gone.status);
			http_forget();
		}
	CU_ASSERT_EQUAL(matrix_wrong, 0);
}

/* T30, T38: with what names another tenant in a body or a filter. */
void no_body_and_no_filter_names_a_tenant(void)
{
	matrix_wrong = 0;
	for (size_t i = 0; i < the_world->count; i++) {
		const struct subject *s = &the_world->subjects[i];
		const struct caller *c = &the_world->callers[OWNER];
		const struct target *f = &the_world->foreign[FOREIGN_TENANT];
		const struct {
			const char *name, *value;
		} fields[] = { { "tenant_id", f->tenant }, { "env", "staging" }, { "user_id", f->user } };
		for (size_t n = 0; n < (s->user_scoped && !s->is_view ? 3 : 2); n++) {
			const char *body = ask("SELECT matrix.body('%s', '%s', '%s') || jsonb_build_object('%s', '%s')",
				s->name, the_world->tenant, c->user, fields[n].name, fields[n].value);
			struct http_reply r =
				HTTP("POST", text_of("/v1/data/%s", s->name), .token = c->token, .body = body);
			matrix_expect(s->is_view ? r.status == 405
									 : r.status == 400 &&
						memmem(r.body.at, r.body.len, fields[n].name, strlen(fields[n].name)),
				"%s: %s in a body, got %d", s->name, fields[n].name, r.status);
			r = HTTP("GET", text_of("/v1/data/%s?%s=eq.%s", s->name, fields[n].name, fields[n].value),
				.token = c->token);
			matrix_expect(r.status == 400, "%s: a filter by %s, got %d", s->name, fields[n].name, r.status);
		}
		http_forget();
	}
	CU_ASSERT_EQUAL(matrix_wrong, 0);
}

/* T35: a foreign parent row is treated like one that does not exist. */
void a_foreign_parent_is_none(void)
{
	size_t parents = 0;
	matrix_wrong = 0;
	for (size_t i = 0; i < the_world->count; i++) {
		const struct subject *s = &the_world->subjects[i];
		const struct caller *c = &the_world->callers[OWNER];
		for (size_t p = 0; p < json_count(s->parents); p++, parents++) {
			const struct json *j = json_at(s->parents, p, NULL);
			for (size_t f = 0; f < FOREIGN_USER; f++) {
				const struct target *t = &the_world->foreign[f];
				const char *body = ask("SELECT matrix.child('%s', '%s', '%s', '%s',"
									   " matrix.row_of('%s', '%s', '%s'))",
					s->name, the_world->tenant, c->user, word(j, "col"), word(j, "parent"), t->tenant,
					t->user);
				struct http_reply r =
					HTTP("POST", text_of("/v1/data/%s", s->name), .token = c->token, .body = body);
				matrix_expect(r.status == 404, "%s.%s: a parent of %s, got %d %.*s", s->name, word(j, "col"),
					t->name, r.status, STR_ARG(r.body));
			}
		}
		http_forget();
	}
	CU_ASSERT(parents >= 3);
	CU_ASSERT_EQUAL(matrix_wrong, 0);
}

static void act_on(const struct subject *s, const struct caller *c, const struct target *t, const char *id)
{
	for (size_t n = 0; n < json_count(s->actions); n++) {
		const struct json *j = json_at(s->actions, n, NULL);
		bool may = (enum caller_role)(c - the_world->callers) >= role_named(word(j, "role"));
		struct http_reply r =
			HTTP("POST", text_of("/v1/data/%s/%s/%s", s->name, id, word(j, "name")), .token = c->token);
		matrix_expect(r.status == (may ? 404 : 403), "%s × %s × %s: %s, got %d", s->name, c->role, t->name,
			word(j, "name"), r.status);
	}
}

static void move_bytes(
	const struct subject *s, const struct caller *c, const struct target *t, const char *id)
{
	static const struct {
		const char *method, *body;
		enum op op;
	} ways[] = { { "GET", NULL, OP_READ }, { "HEAD", NULL, OP_READ }, { "PUT", "bytes", OP_PUT },
		{ "DELETE", NULL, OP_DELETE } };
	if (!*s->content)
		return;
	sql("SELECT matrix.row_of('%s', '%s', '%s', '%s')", s->content, t->tenant, t->user, id);
	const char *before = ask("SELECT matrix.digest('%s')", s->content);
	for (size_t n = 0; n < COUNT_OF(ways); n++) {
		struct http_reply r = HTTP(ways[n].method, text_of("/v1/data/%s/%s/content", s->name, id),
			.token = c->token, .body = ways[n].body, .type = "image/png");
		matrix_expect(r.status == matrix_verdict(s, c, ways[n].op, 404),
			"%s × %s × %s: %s of its content, got %d", s->name, c->role, t->name, ways[n].method, r.status);
	}
	matrix_expect(strcmp(before, ask("SELECT matrix.digest('%s')", s->content)) == 0,
		"%s: the bytes are as they were", s->name);
	struct http_reply r = HTTP("GET", text_of("/v1/data/%s", s->content), .token = c->token);
	matrix_expect(r.status == 404, "%s is not served by its name, got %d", s->content, r.status);
}

void foreign_rows_are_not_acted_on_and_have_no_bytes(void)
{
	matrix_wrong = 0;
	for (size_t i = 0; i < the_world->count; i++)
		for (size_t c = 0; c < CALLERS; c++)
			for (size_t f = 0; f < FOREIGNS; f++) {
				const struct target *t = &the_world->foreign[f];
				if (f == FOREIGN_USER && !the_world->subjects[i].user_scoped)
					continue;
				const char *id = row_of(&the_world->subjects[i], t->tenant, t->user);
				const char *before = ask("SELECT matrix.digest('%s')", the_world->subjects[i].name);
				act_on(&the_world->subjects[i], &the_world->callers[c], t, id);
				if (!*the_world->subjects[i].content)
					matrix_expect(
						strcmp(before, ask("SELECT matrix.digest('%s')", the_world->subjects[i].name)) == 0,
						"%s: every row is as it was", the_world->subjects[i].name);
				move_bytes(&the_world->subjects[i], &the_world->callers[c], t, id);
				http_forget();
			}
	CU_ASSERT_EQUAL(matrix_wrong, 0);
}
